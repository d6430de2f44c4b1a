// Instructions that uprobes must stay away from.
#include "probes/uprobe_instructions.h"

#include <gtest/gtest.h>
#include <initializer_list>
#include <vector>

namespace trapline::probes {
namespace {

bool refused(std::initializer_list<unsigned char> bytes) { return is_untraceable_instruction(std::vector<unsigned char>(bytes)); }

TEST(UprobeInstructions, OrdinaryCodeIsFine) {
  EXPECT_FALSE(refused({0xf3, 0x0f, 0x1e, 0xfa})) << "endbr64";
  EXPECT_FALSE(refused({0x55})) << "push %rbp";
  EXPECT_FALSE(refused({0x48, 0x89, 0xe5})) << "mov %rsp,%rbp";
  EXPECT_FALSE(refused({0x90})) << "nop";
  EXPECT_FALSE(refused({0x74, 0x05})) << "a true branch";
  EXPECT_FALSE(refused({0xe8, 0, 0, 0, 0})) << "a true call";
  EXPECT_FALSE(refused({}));
}

TEST(UprobeInstructions, WhatTheKernelRefuses) {
  EXPECT_TRUE(refused({0xf0, 0xff, 0x0f})) << "lock decl (%rdi): pthread_spin_lock";
  EXPECT_TRUE(refused({0x66, 0x2e, 0x90})) << "under an old segment prefix";
  EXPECT_TRUE(refused({0xcc})) << "int3";
  EXPECT_TRUE(refused({0xf4})) << "hlt";
  EXPECT_TRUE(refused({0x48, 0xed})) << "in, under REX";
  EXPECT_TRUE(refused({0xc5, 0xf9, 0x6e, 0xc6})) << "vmovd %esi,%xmm0, which reads as outs";
}

TEST(UprobeInstructions, VectorInstructionsThatReadAsBranches) {
  EXPECT_TRUE(refused({0x62, 0xe2, 0x7d, 0x28, 0x7a, 0xce})) << "vpbroadcastb %esi,%ymm17: jp";
  EXPECT_TRUE(refused({0xc5, 0xf8, 0x77})) << "vzeroupper: ja";
  EXPECT_TRUE(refused({0xc5, 0xf9, 0xeb, 0xc1})) << "vpor: jmp";
  EXPECT_TRUE(refused({0xc4, 0xe2, 0x7d, 0x78, 0xc0})) << "vpbroadcastb %xmm0,%ymm0: js";
  EXPECT_FALSE(refused({0xc5, 0xf8, 0x57, 0xc0})) << "vxorps";
  EXPECT_FALSE(refused({0xc5})) << "cut short";
}

} // namespace
} // namespace trapline::probes
