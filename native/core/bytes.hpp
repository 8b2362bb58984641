// Bounds-checked reading and writing of little-endian fields. A reader that ran over its end stays failed and gives
// zeros, so that a parser checks once, at the end.
#pragma once

#include <bit>
#include <cstring>

#include "types.hpp"

namespace openais {

static_assert(std::endian::native == std::endian::little, "fields are copied as they lie in memory");

class Reader {
 public:
  explicit Reader(Bytes bytes) : bytes_(bytes) {}

  std::uint8_t u8() { return scalar<std::uint8_t>(); }
  std::uint16_t u16() { return scalar<std::uint16_t>(); }
  std::uint32_t u32() { return scalar<std::uint32_t>(); }
  std::uint64_t u64() { return scalar<std::uint64_t>(); }

  RingId ring_id() {
    RingId id;
    id.representative = u32();
    id.nonce = u32();
    id.seq = u64();
    return id;
  }

  Identity identity() {
    Identity identity;
    identity.node = u32();
    if (u32() != 0) failed_ = true;
    identity.incarnation = u64();
    identity.salt = u64();
    return identity;
  }

  Bytes take(std::size_t size) {
    if (failed_ || size > bytes_.size()) {
      failed_ = true;
      return {};
    }
    const Bytes taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
  }

  // Reserved bytes are zero, so that they can mean something one day.
  void zeros(std::size_t size) {
    for (const std::uint8_t byte : take(size)) failed_ |= byte != 0;
  }

  bool ok() const { return !failed_; }
  // Everything was read and nothing is left over.
  bool done() const { return !failed_ && bytes_.empty(); }
  std::size_t left() const { return failed_ ? 0 : bytes_.size(); }

 private:
  template <typename T>
  T scalar() {
    T value{};
    const Bytes from = take(sizeof(T));
    if (!from.empty()) std::memcpy(&value, from.data(), sizeof(T));
    return value;
  }

  Bytes bytes_;
  bool failed_ = false;
};

// Writes into memory whose size the caller knows to suffice; written() tells how much it was.
class Writer {
 public:
  explicit Writer(std::uint8_t* out) : begin_(out), at_(out) {}

  void u8(std::uint8_t value) { *at_++ = value; }
  void u16(std::uint16_t value) { scalar(value); }
  void u32(std::uint32_t value) { scalar(value); }
  void u64(std::uint64_t value) { scalar(value); }

  void ring_id(const RingId& id) {
    u32(id.representative);
    u32(id.nonce);
    u64(id.seq);
  }

  void identity(const Identity& identity) {
    u32(identity.node);
    u32(0);
    u64(identity.incarnation);
    u64(identity.salt);
  }

  void bytes(Bytes bytes) {
    if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

  void zeros(std::size_t size) {
    std::memset(at_, 0, size);
    at_ += size;
  }

  std::size_t written() const { return static_cast<std::size_t>(at_ - begin_); }
  std::uint8_t* at() { return at_; }

 private:
  template <typename T>
  void scalar(T value) {
    std::memcpy(at_, &value, sizeof(T));
    at_ += sizeof(T);
  }

  std::uint8_t* begin_;
  std::uint8_t* at_;
};

// The 64-bit value nearest to `reference` whose low 32 bits are `low`. Sequence numbers are cut on the wire, never
// inside.
inline std::uint64_t widen(std::uint32_t low, std::uint64_t reference) {
  const auto difference = static_cast<std::int32_t>(low - static_cast<std::uint32_t>(reference));
  return reference + static_cast<std::uint64_t>(static_cast<std::int64_t>(difference));
}

}  // namespace openais
