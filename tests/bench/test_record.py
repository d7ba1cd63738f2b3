#!/usr/bin/env python3
"""Records of the bench: what is gathered from runs, and which differences a comparison calls real."""

import json
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
import gpu_record as gpu_record_py  # noqa: E402
import record  # noqa: E402
import tables  # noqa: E402


def run_of(name, real_ms, cpu_ms, items=1000, **more):
    return {"benchmarks": [{"name": name + "/iterations:1/manual_time", "real_time": real_ms, "cpu_time": cpu_ms,
                            "time_unit": "ms", "items_per_second": items / (real_ms / 1e3), "iterations": 1, **more}]}


def record_of(times, name="histories/water_3mm/avx2/1"):
    """`times`: CPU times of 1000 histories [ms]; the wall time is twice that, as on a busy machine."""
    results, failed = record.gather([run_of(name, 2 * t, t) for t in times])
    machine = dict(device="processor", cores=2, MHz=1000, build="release", commit="0", date="2026-01-01T00:00:00Z",
                   load_before=0, load_after=0, steal_percent=None, quick=False)
    return record.make(machine, results, failed)


def verdict(before, after):
    rows = record.compare(record_of(before), record_of(after))
    return rows[0][2], rows[0][5]


class Gathering(unittest.TestCase):
    def test_units_and_names(self):
        results, _ = record.gather([run_of("a/b/1", 500, 250)])
        self.assertEqual(results["a/b/1"]["wall_s"], [0.5])
        self.assertEqual(results["a/b/1"]["cpu_s"], [0.25])
        self.assertEqual(results["a/b/1"]["items_per_second"], [2000])

    def test_own_counter_of_cpu_time_wins(self):
        results, _ = record.gather([run_of("a", 500, 250, cpu_s=0.9)])
        self.assertEqual(results["a"]["cpu_s"], [0.9])

    def test_passes_are_gathered(self):
        self.assertEqual(record_of([100, 110, 120])["results"]["histories/water_3mm/avx2/1"]["cpu_s"], [0.1, 0.11, 0.12])

    def test_what_failed_is_named(self):
        results, failed = record.gather([{"benchmarks": [{"name": "a", "error_occurred": True, "error_message": "why"}]}])
        self.assertEqual((results, failed), ({}, {"a": "why"}))

    def test_best_is_the_highest_level_with_all_threads(self):
        results, _ = record.gather([run_of(f"histories/water_3mm/{level}/{threads}", 1000 / threads - offset, 1000)
                                    for level, offset in (("baseline", 300), ("avx512", 0), ("avx2", 100))
                                    for threads in (1, 2)])
        self.assertEqual(record.best(results, "water_3mm"), 2000)


class Comparing(unittest.TestCase):
    def test_ratio_is_of_cpu_time(self):
        ratio, what = verdict([100, 101, 102], [50, 51, 52])
        self.assertAlmostEqual(ratio, 101 / 51, places=5)
        self.assertEqual(what, "better")

    def test_wall_time_on_a_busy_machine_does_not_count(self):
        def busy(wall):
            results, failed = record.gather([run_of("a", wall, 50)])
            return {"results": results}
        self.assertAlmostEqual(record.compare(busy(60), busy(200))[0][2], 1, places=5)

    def test_slower(self):
        self.assertEqual(verdict([50, 51, 52], [100, 101, 102])[1], "worse")

    def test_two_runs_are_too_few(self):
        self.assertEqual(verdict([100, 101, 102], [50, 51])[1], "too few runs")
        self.assertIn("0 of 1 beyond noise", tables.comparison(record_of([100]), record_of([50])))

    def test_overlap_is_noise(self):
        self.assertEqual(verdict([100, 100, 140], [110, 130, 135])[1], "within noise")

    def test_small_differences_are_noise_however_steady(self):
        self.assertEqual(verdict([100, 100, 100], [102, 102, 102])[1], "within noise")
        self.assertEqual(verdict([100, 100, 100], [104, 104, 104])[1], "worse")

    def test_range_of_the_ratio(self):
        row = record.compare(record_of([100, 110]), record_of([50, 55]))[0]
        self.assertAlmostEqual(row[3], 100 / 55, places=4)
        self.assertAlmostEqual(row[4], 110 / 50, places=4)

    def test_efficiency_counts_before_speed(self):
        def efficient(value):
            r = record_of([100])
            r["results"]["histories/water_3mm/avx2/1"]["efficiency_per_s"] = [value]
            return r
        self.assertEqual(record.compare(efficient(1e4), efficient(1e6))[0][1:3], ("efficiency", 100))

    def test_less_memory_is_better(self):
        def large(value):
            r = record_of([100])
            r["results"] = {"start_up/memory/x": {"wall_s": [1] * 3, "cpu_s": [1] * 3, "peak_MB": [value] * 3,
                                                    "inputs_MB": [1] * 3}}
            return r
        self.assertEqual(record.compare(large(100), large(50))[0][5], "better")

    def test_benchmarks_of_one_record_alone_are_left_out(self):
        self.assertEqual(record.compare(record_of([1], "a"), record_of([1], "b")), [])

    def test_text_says_how_many_differ(self):
        text = tables.comparison(record_of([100, 101, 102]), record_of([50, 51, 52]))
        self.assertIn("| better |", text)
        self.assertTrue(text.endswith("1 of 1 beyond noise.\n"))


class Files(unittest.TestCase):
    def test_written_and_read_back(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "r.json"
            record.write(path, record_of([100, 110]))
            self.assertEqual(record.read(path), record_of([100, 110]))
            self.assertEqual(record.read(path)["histories_per_s"], {"water_3mm": 4773})

    def test_others_are_refused_by_name(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "r.json"
            for text in ("", "[]", json.dumps({"format": "other", "results": {}}), json.dumps({"format": "ytterby-bench"})):
                path.write_text(text)
                with self.assertRaisesRegex(ValueError, "r.json"):
                    record.read(path)


def gpu_record(stage, **more):
    """As gpu_check writes it."""
    return {"format": record.FORMAT, "date": "2026-01-31T10:00:00Z", "device": "NVIDIA H100", "devices": 1, "driver_cuda": "13.0",
            "runtime_cuda": "13.0", "commit": "0123456789abcdef", "build": "release", "host": "cpu avx512, 16 threads", "stage": stage,
            "cores": 16, "seconds": 3, "gpu": {"ecc": True}, "finished": True, "passed": True, "histories_per_s": {}, "skipped": {},
            "results": {}, "agreement": {}, "findings": [{"what": "a", "state": "good", "detail": "b | c"}], **more}


def full_record():
    return gpu_record("full", histories_per_s={"water_3mm": 2e8}, results={
        "histories/water_3mm/gpu/1": {"wall_s": [0.5, 0.4, 0.6], "items_per_second": [2e8, 2.5e8, 1.8e8], "voxels": [6e4] * 3,
                                      "sm_MHz": [1700, 1980], "highest_W": [600], "highest_C": [60], "joules_per_history": [3e-6]},
        "histories/water_3mm/avx512/16": {"wall_s": [1], "items_per_second": [1e6], "voxels": [6e4]},
        "kernel/water_3mm/gpu/electrons": {"device_s": [0.1], "launches": [64], "histories": [2e7]},
        "start_up/patient_1mm/gpu": {"wall_s": [0.4], "context_s": [0.2], "tables_s": [0.1], "upload_s": [0.1]}})


class OfGpus(unittest.TestCase):
    lines = [("good", "quick", 20.0, "20 s"), ("good", "full", 100.0, "100 s"), ("skipped", "ncu", 0.0, "no Nsight Compute")]

    def test_stages_make_one_record(self):
        merged = gpu_record_py.merge([gpu_record("quick", skipped={"cuFFT": "none"}), full_record()], self.lines)
        self.assertTrue(merged["passed"])
        self.assertEqual([f["stage"] for f in merged["findings"]], ["quick", "full"])
        self.assertEqual(merged["skipped"], {"cuFFT": "none", "ncu": "no Nsight Compute"})
        self.assertEqual(merged["histories_per_s"], {"water_3mm": 2e8})
        self.assertNotIn("stage", merged)

    def test_what_was_cut_short_or_failed_did_not_pass(self):
        self.assertFalse(gpu_record_py.merge([gpu_record("quick", finished=False, passed=False)], self.lines)["passed"])
        self.assertFalse(gpu_record_py.merge([gpu_record("quick")], [("bad", "memcheck", 5.0, "see log")])["passed"])

    def test_tables_and_comparison_know_it(self):
        merged = gpu_record_py.merge([full_record()], self.lines)
        text = tables.markdown(merged)
        self.assertIn("| water_3mm (6.00e4 voxels) | GPU, 1 | 2.00e8 (1.80e8 to 2.50e8) |", text)
        self.assertIn("| electrons, water_3mm, gpu | 100 ms | 64 launches, 2.00e7 histories |", text)
        self.assertIn("| energy, water_3mm, gpu | 3 uJ a history | 600 W at most, 1700 to 1980 MHz, 60 C |", text)
        self.assertIn("b / c", text)
        self.assertEqual(record.best(merged["results"], "water_3mm"), 2e8)
        faster = json.loads(json.dumps(merged))
        values = faster["results"]["histories/water_3mm/gpu/1"]
        values["items_per_second"] = [2 * r for r in values["items_per_second"]]
        rows = {row[0]: row for row in record.compare(merged, faster)}
        self.assertEqual(rows["histories/water_3mm/gpu/1"][1:3], ("items/s", 2))
        self.assertEqual(rows["histories/water_3mm/gpu/1"][5], "better")
        self.assertEqual(rows["kernel/water_3mm/gpu/electrons"][1:3], ("1 / device time", 1))

    def test_table_over_records_divides_by_the_price(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "prices"
            path.write_text("# an hour\nNVIDIA H100,2.5\n")
            prices = tables.prices_of(path)
        merged = gpu_record_py.merge([full_record()], self.lines)
        text = tables.all_records([record_of([100]), merged], prices)
        self.assertIn("| NVIDIA H100 | 1 | 0123456789ab | 2026-01-31 | water_3mm | 2.00e8 | 3 | 2.5 | 2.88e11 |", text)
        self.assertIn("| processor | 2 | 0 | 2026-01-01 | water_3mm | 5000 |  |  |  |", text)


class Page(unittest.TestCase):
    begin, end = "<!-- made by tools/bench --readme -->\n", "<!-- end of tools/bench -->\n"

    def test_only_what_stands_between_the_marks_changes(self):
        page = f"before\n{self.begin}old\n{self.end}after\n"
        self.assertEqual(tables.put_between_marks(page, "new\n\n"), f"before\n{self.begin}new\n{self.end}after\n")

    def test_pages_without_marks_are_refused(self):
        for page in ("", self.begin, self.end + self.begin, self.begin * 2 + self.end):
            with self.assertRaises(ValueError):
                tables.put_between_marks(page, "new")

    def test_speed_table_has_levels_and_rates(self):
        r = record_of([100, 110])
        for values in r["results"].values():
            values.update(voxels=[1e6], ns_per_flight=[70])
        self.assertIn("| water_3mm (1.00e6 voxels) | AVX2, 1 | 4773 (4545 to 5000) |", tables.speed_table(r))


class Numbers(unittest.TestCase):
    def test_figures(self):
        for value, text in ((0, "0"), (46.123, "46.1"), (543210, "5.43e5"), (1234, "1234"), (2e-9, "2.00e-9")):
            self.assertEqual(tables.number(value), text)


if __name__ == "__main__":
    unittest.main()
