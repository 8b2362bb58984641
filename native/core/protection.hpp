// How packets are sealed and opened, without naming a library: crypto/ implements it with OpenSSL, PlainProtection is
// 'insecure'.
#pragma once

#include <memory>

#include "types.hpp"

namespace openais {

// Opens what one peer incarnation sealed.
class Opener {
 public:
  virtual ~Opener() = default;
  // `sealed` = ciphertext and tag. Writes sealed.size() - tag bytes to `plain` (which may be sealed.data()). False: not
  // authentic. `associated` is authenticated in two parts that lie apart: the clear header, and what both sides know
  // and nobody sends.
  virtual bool open(std::uint64_t counter, Bytes header, Bytes known, Bytes sealed, std::uint8_t* plain) = 0;
};

class Protection {
 public:
  virtual ~Protection() = default;
  virtual std::size_t tag_size() const = 0;
  // Seals as ourselves. `counter` is never used twice in an incarnation: the core counts. `out` takes plain.size() +
  // tag_size().
  virtual bool seal(std::uint64_t counter, Bytes header, Bytes known, Bytes plain, std::uint8_t* out) = 0;
  // Keys are derived per sender and incarnation from the group's key.
  virtual std::unique_ptr<Opener> opener(const Identity& sender) = 0;
};

}  // namespace openais
