#pragma once
#include <stddef.h>
#include <stdint.h>

// The entry of libFuzzer for programs with a `main` of their own (https://llvm.org/docs/LibFuzzer.html). It is declared in
// no header of the toolchain.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*check)(const uint8_t *data, size_t size));
