// Faults of a page, from its first line on.
window.faults = [];
window.addEventListener("error", (e) => faults.push(String(e.message)));
window.addEventListener("unhandledrejection", (e) => faults.push(String(e.reason)));
document.addEventListener("securitypolicyviolation", (e) => faults.push("policy: " + e.violatedDirective));
for (const level of ["error", "warn"]) console[level] = (...a) => faults.push(a.join(" "));
