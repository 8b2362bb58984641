// Memory that held a key is overwritten before it is given back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace openais {

// The compiler may leave out a memset of memory that nobody reads again; it may not leave out volatile writes.
inline void wipe(std::uint8_t* memory, std::size_t size) {
  volatile std::uint8_t* at = memory;
  for (std::size_t i = 0; i < size; ++i) at[i] = 0;
}

template <std::size_t N>
class Secret {
 public:
  Secret() = default;
  ~Secret() { wipe(bytes_.data(), N); }
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;

  static constexpr std::size_t size() { return N; }
  std::uint8_t* data() { return bytes_.data(); }
  const std::uint8_t* data() const { return bytes_.data(); }

 private:
  std::array<std::uint8_t, N> bytes_{};
};

}  // namespace openais
