// Pans and zooms, and says on the console how long a step takes: median and ninth tenth of 90 [ms].
(async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  while (document.documentElement.dataset.ready !== "yes") await frame();
  const viewer = window.ytterby, times = [];
  viewer.drawNow();
  for (let i = 0; i < 90; ++i) {
    if (i % 3 === 2) viewer.zoomAt(viewer.panels[0], i % 2 ? 1.1 : 1 / 1.1);
    else viewer.pan(viewer.panels[i % 3], 7, -5);
    const start = performance.now();
    viewer.drawNow();
    viewer.panels[0].context.getImageData(0, 0, 1, 1);  // until it is drawn, not only asked for
    times.push(performance.now() - start);
    await frame();
  }
  times.sort((a, b) => a - b);
  console.log(`TIMES ${times[45].toFixed(2)} ${times[80].toFixed(2)}`);
})();
