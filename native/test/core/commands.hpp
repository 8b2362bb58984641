// Command frames of docs/BOUNDARY.md, as src/native/commands.ts makes them: tests of the core stand in for TypeScript.
#pragma once

#include <string>
#include <vector>

#include "core/byte_ring.hpp"
#include "core/bytes.hpp"
#include "core/packet.hpp"

namespace openais::test {

class Frame {
 public:
  explicit Frame(std::uint8_t type) { append(FrameHeader{0, type, 0, 0, 0}); }
  template <typename T>
  Frame& put(const T& value) {
    append(value);
    return *this;
  }
  // An Identity has padding, whose bytes are anything.
  Frame& put(const Identity& identity) {
    return put(identity.node).put(std::uint32_t{0}).put(identity.incarnation).put(identity.salt);
  }
  Frame& put(Bytes bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  Frame& zeros(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
  }
  // To a multiple of 8, as arrays end that are followed by more.
  Frame& align() { return zeros((8 - bytes_.size() % 8) % 8); }
  Bytes bytes() {
    const auto size = static_cast<std::uint32_t>(bytes_.size());
    std::memcpy(bytes_.data(), &size, 4);
    return bytes_;
  }

 private:
  template <typename T>
  void append(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    const std::size_t at = bytes_.size();
    bytes_.resize(at + sizeof value);
    std::memcpy(bytes_.data() + at, &value, sizeof value);
  }
  std::vector<std::uint8_t> bytes_;
};

namespace command {

inline Frame create_ring(std::uint32_t handle, std::uint16_t window, std::uint16_t accelerated, const RingId& id,
                         const std::vector<Identity>& members) {
  Frame frame(1);
  frame.put(handle).put(window).put(accelerated).put(id).put(static_cast<std::uint16_t>(members.size())).zeros(6);
  for (const Identity& member : members) frame.put(member);
  return frame;
}

inline Frame of_handle(std::uint8_t type, std::uint32_t handle) {
  return Frame(type).put(handle);
}
inline Frame freeze(std::uint32_t handle) {
  return of_handle(2, handle);
}
inline Frame seal(std::uint32_t handle) {
  return of_handle(3, handle);
}
inline Frame token_start(std::uint32_t handle) {
  return of_handle(5, handle);
}
inline Frame destroy(std::uint32_t handle) {
  return of_handle(7, handle);
}

// `old_of[i]`: the old ring of the i-th member of the new ring, as an index into `table`.
inline Frame recovery_begin(std::uint32_t handle, std::uint32_t old, std::uint64_t low_aru, bool copy,
                            const std::vector<std::uint16_t>& old_of, const std::vector<RingId>& table) {
  Frame frame(4);
  frame.put(handle).put(old).put(low_aru).put(static_cast<std::uint8_t>(copy)).zeros(7);
  frame.put(static_cast<std::uint16_t>(old_of.size())).zeros(6);
  for (const std::uint16_t index : old_of) frame.put(index);
  frame.align().put(static_cast<std::uint16_t>(table.size())).zeros(6);
  for (const RingId& id : table) frame.put(id);
  return frame;
}

inline Frame install(std::uint32_t handle, std::uint32_t old, std::uint64_t high_delivered,
                     const std::vector<NodeId>& delivers, const std::vector<NodeId>& transitional) {
  Frame frame(6);
  frame.put(handle).put(old).put(high_delivered);
  frame.put(static_cast<std::uint16_t>(delivers.size())).put(static_cast<std::uint16_t>(transitional.size())).zeros(4);
  for (const NodeId node : delivers) frame.put(node);
  for (const NodeId node : transitional) frame.put(node);
  return frame;
}

inline Frame control(NodeId node, PacketType type, Bytes body) {
  return Frame(8).put(node).put(static_cast<std::uint8_t>(type)).zeros(3).put(body);
}

inline Frame plug(std::uint32_t mask) {
  return Frame(9).put(mask);
}
inline Frame probe(NodeId node, std::uint32_t count, std::uint64_t interval) {
  return Frame(10).put(node).put(count).put(interval);
}
inline Frame drain() {
  return Frame(11);
}
inline Frame lag(std::uint32_t milliseconds) {
  return Frame(12).put(milliseconds);
}

}  // namespace command

// Bodies of control packets.
namespace body {

inline std::vector<std::uint8_t> merge_detect(const RingId& ring, const std::vector<NodeId>& members,
                                              const std::vector<NodeId>& heard = {}) {
  std::vector<std::uint8_t> out(24 + 4 * (members.size() + heard.size()));
  Writer writer(out.data());
  writer.ring_id(ring);
  writer.u16(static_cast<std::uint16_t>(members.size()));
  writer.u16(static_cast<std::uint16_t>(heard.size()));
  writer.u32(0);
  for (const NodeId node : members) writer.u32(node);
  for (const NodeId node : heard) writer.u32(node);
  return out;
}

struct Member {
  NodeId node;
  std::uint64_t incarnation;
};

inline std::vector<std::uint8_t> join(const RingId& old, const std::vector<Member>& proc,
                                      const std::vector<Member>& fail = {}, const std::vector<Member>& heard = {}) {
  std::vector<std::uint8_t> out(40 + 16 * (proc.size() + fail.size() + heard.size()));
  Writer writer(out.data());
  writer.u64(old.seq);
  writer.ring_id(old);
  writer.u32(0);
  writer.u8(0);
  writer.u8(1);
  writer.u8(1);
  writer.u8(0);
  for (const auto* list : {&proc, &fail, &heard}) writer.u16(static_cast<std::uint16_t>(list->size()));
  writer.u16(0);
  for (const auto* list : {&proc, &fail, &heard})
    for (const Member& member : *list) {
      writer.u32(member.node);
      writer.u32(0);
      writer.u64(member.incarnation);
    }
  return out;
}

inline std::vector<std::uint8_t> leave(const RingId& ring) {
  std::vector<std::uint8_t> out(16);
  Writer(out.data()).ring_id(ring);
  return out;
}

// Entries that are filled by every second member.
inline std::vector<std::uint8_t> commit_token(const RingId& ring, const std::vector<Identity>& members) {
  std::vector<std::uint8_t> out(24 + 80 * members.size());
  Writer writer(out.data());
  writer.ring_id(ring);
  writer.u32(7);
  writer.u16(static_cast<std::uint16_t>(members.size()));
  writer.u16(0);
  for (std::size_t i = 0; i < members.size(); ++i) {
    const bool filled = i % 2 == 0;
    writer.identity(members[i]);
    writer.ring_id(filled ? RingId{members[i].node, 5, 4} : RingId{});
    writer.u64(filled ? 10 : 0);
    writer.u64(filled ? 9 : 0);
    writer.u8(filled ? 1 : 0);
    writer.u8(0);
    writer.u16(filled ? 64 : 0);
    writer.u16(0);
    writer.u16(0);
    writer.zeros(16);
  }
  return out;
}

}  // namespace body
}  // namespace openais::test
