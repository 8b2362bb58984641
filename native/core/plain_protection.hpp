// Packets in plain text: only where the configuration says `insecure`, and in the simulator. UDP's checksum is all
// there is.
#pragma once

#include <cstring>

#include "protection.hpp"

namespace openais {

class PlainProtection : public Protection {
 public:
  std::size_t tag_size() const override { return 0; }

  bool seal(std::uint64_t, Bytes, Bytes, Bytes plain, std::uint8_t* out) override {
    if (!plain.empty()) std::memcpy(out, plain.data(), plain.size());
    return true;
  }

  std::unique_ptr<Opener> opener(const Identity&) override {
    class PlainOpener : public Opener {
      bool open(std::uint64_t, Bytes, Bytes, Bytes sealed, std::uint8_t* plain) override {
        if (!sealed.empty()) std::memmove(plain, sealed.data(), sealed.size());
        return true;
      }
    };
    return std::make_unique<PlainOpener>();
  }
};

}  // namespace openais
