#pragma once
// Files that are built into the program.

/// Takes `path` (a string) into the program as the bytes from `symbol` to `symbol_end`; both are declared. The
/// assembler reads the file (ELF targets). The labels are global because link-time optimisation may split the assembly
/// from the code, and hidden because nobody outside needs them. One use per symbol, at file scope.
#define YTTERBY_EMBED(symbol, path)                                     \
  asm(".pushsection .rodata\n"                                          \
      ".global " #symbol                                                \
      "\n"                                                              \
      ".hidden " #symbol                                                \
      "\n"                                                              \
      ".global " #symbol                                                \
      "_end\n"                                                          \
      ".hidden " #symbol                                                \
      "_end\n"                                                          \
      ".balign 16\n" #symbol                                            \
      ":\n"                                                             \
      ".incbin \"" path "\"\n" #symbol                                  \
      "_end:\n"                                                         \
      ".byte 0\n"                                                       \
      ".popsection\n");                                                 \
  extern "C" __attribute__((visibility("hidden"))) const char symbol[]; \
  extern "C" __attribute__((visibility("hidden"))) const char symbol##_end[]
