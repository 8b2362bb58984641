// Randomness comes in as a seed: the same seed, the same run. xoshiro256** (Blackman and Vigna).
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace openais {

class Random {
 public:
  explicit Random(const std::array<std::uint64_t, 4>& seed) : s_(seed) {
    // An all-zero state stays zero for ever.
    if ((s_[0] | s_[1] | s_[2] | s_[3]) == 0) s_[0] = 1;
  }

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(s_[1] * 5, 7) * 9;
    const std::uint64_t t = s_[1] << 17;
    s_[2] ^= s_[0];
    s_[3] ^= s_[1];
    s_[1] ^= s_[2];
    s_[0] ^= s_[3];
    s_[2] ^= t;
    s_[3] = std::rotl(s_[3], 45);
    return result;
  }

 private:
  std::array<std::uint64_t, 4> s_;
};

}  // namespace openais
