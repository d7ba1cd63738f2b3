#!/usr/bin/env python3
"""usage: resources.py NVCC REPOSITORY [include folder...]

What the transport kernels take of a multiprocessor, by ptxas's report for sm_80 and sm_90: registers, stack, spills and
shared memory within the bounds stated here, and the blocks that are resident together with them.
"""
import math
import re
import subprocess
import sys
import tempfile

# Of a block: cuda_block_threads, cuda_pool_threads, cuda_fold_threads.
THREADS = {"histories_kernel": 128, "pooled_histories_kernel": 256, "photons_kernel": 128, "fold_kernel": 128,
           "structure_kernel": 128, "gather_kernel": 128, "weighted_histories_kernel": 256, "reference_histories_kernel": 256,
           "weighted_photons_kernel": 128}
# cuda_shared_bytes: 8 waiting electrons of 32 bytes a thread; the photon kernel keeps a photon of 36 bytes, too.
# A pool (kernels/launch/pool_particle.h): 768 particles of 96 bytes and 8 in queues, and 4 counts; with weights a byte more.
SHARED = {"histories_kernel": 128 * 64 * 4, "pooled_histories_kernel": 768 * 104 + 16, "photons_kernel": 128 * 73 * 4,
          "weighted_histories_kernel": 768 * 105 + 16, "reference_histories_kernel": 768 * 105 + 16,
          "weighted_photons_kernel": 128 * 73 * 4}
# Of a multiprocessor (CUDA programming guide, table of compute capabilities): registers, shared memory with the 1 KiB
# that each block costs beside its own, warps.
MACHINES = {"sm_80": (65536, 164 * 1024, 64), "sm_90": (65536, 228 * 1024, 64)}
# Kernel: most registers, resident blocks that its design counts on.
# The fold's 128 threads fit into the registers that a multiprocessor's blocks of electrons leave.
BOUNDS = {"histories_kernel": (96, 4), "pooled_histories_kernel": (112, 2), "photons_kernel": (128, 4),
          "fold_kernel": (32, None), "structure_kernel": (32, None), "gather_kernel": (32, None),
          "weighted_histories_kernel": (112, 2), "reference_histories_kernel": (112, 2),
          "weighted_photons_kernel": (128, 4)}
SOURCES = ("launch_cuda.cu", "launch_correlated.cu")


def report(nvcc, repository, includes, arch, source):
    with tempfile.TemporaryDirectory() as folder:
        command = [nvcc, "-std=c++20", "-O3", "--fmad=false", f"-arch={arch}", "-Xptxas", "-v", "-cubin", "-DNDEBUG",
                   "-DYTTERBY_HAS_CUDA=1", f"-I{repository}", *[f"-I{i}" for i in includes],
                   f"{repository}/kernels/launch/{source}", "-o", f"{folder}/out.cubin"]
        run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"FAILED: {' '.join(command)}\n{run.stderr}")
    return run.stderr


def kernels(text):
    """Name, registers, stack, spilled bytes and static shared memory of each kernel in ptxas's report."""
    found = {}
    for part in re.split(r"Compiling entry function", text)[1:]:
        name = next((k for k in BOUNDS if f"{len(k)}{k}" in part.split("'")[1]), None)
        registers = re.search(r"Used (\d+) registers", part)
        memory = re.search(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", part)
        shared = re.search(r"(\d+) bytes smem", part)
        if name and registers and memory:
            found[name] = (int(registers[1]), int(memory[1]), int(memory[2]) + int(memory[3]),
                           int(shared[1]) if shared else 0)
    return found


def resident_blocks(arch, registers, shared, warps):
    all_registers, all_shared, all_warps = MACHINES[arch]
    per_warp = math.ceil(registers * 32 / 256) * 256  # allocated in units of 256
    return min(all_registers // (per_warp * warps), all_shared // (shared + 1024), all_warps // warps)


def main():
    nvcc, repository, includes = sys.argv[1], sys.argv[2], sys.argv[3:]
    bad = []
    for arch in MACHINES:
        found = {}
        for source in SOURCES:
            found.update(kernels(report(nvcc, repository, includes, arch, source)))
        for name, (most, wanted_blocks) in BOUNDS.items():
            if name not in found:
                bad.append(f"{arch}: ptxas reports no {name}")
                continue
            registers, stack, spilled, shared = found[name]
            line = f"{arch} {name}: {registers} registers, {stack} bytes of stack, {spilled} spilled"
            if wanted_blocks:
                blocks = resident_blocks(arch, registers, shared + SHARED[name], THREADS[name] // 32)
                line += f", {shared + SHARED[name]} bytes of shared memory, {blocks} blocks = {blocks * THREADS[name] // 32} of 64 warps resident"
                if blocks < wanted_blocks:
                    bad.append(f"{arch} {name}: {blocks} blocks resident, needs {wanted_blocks}")
            print(line)
            if registers > most:
                bad.append(f"{arch} {name}: {registers} registers, at most {most}")
            if stack or spilled:
                bad.append(f"{arch} {name}: {stack} bytes of stack, {spilled} spilled, needs none")
    for line in bad:
        print("FAILED:", line)
    sys.exit(1 if bad else 0)


main()
