#include "packet.hpp"

namespace openais {
namespace {

std::uint8_t first_byte(PacketType type, std::uint8_t key_slot) {
  return static_cast<std::uint8_t>((kWireVersion << 6) | ((key_slot & 3u) << 4) | static_cast<std::uint8_t>(type));
}

std::uint8_t slot_of(std::uint8_t byte) {
  return (byte >> 4) & 3;
}

bool check_ring_id(const RingId& id) {
  return id.representative != kNoNode;
}

// Strictly ascending, so that a list is a set and has one form.
bool check_nodes(Reader& reader, std::size_t count) {
  NodeId previous = kNoNode;
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    const NodeId node = reader.u32();
    if (node <= previous) return false;
    previous = node;
  }
  return reader.ok();
}

// Ascending by node, then incarnation: a node may stand in a list with two incarnations.
bool check_members(Reader& reader, std::size_t count) {
  NodeId node_before = kNoNode;
  std::uint64_t incarnation_before = 0;
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    const NodeId node = reader.u32();
    reader.zeros(4);
    const std::uint64_t incarnation = reader.u64();
    if (node == kNoNode) return false;
    if (i > 0 && (node < node_before || (node == node_before && incarnation <= incarnation_before))) return false;
    node_before = node;
    incarnation_before = incarnation;
  }
  return reader.ok();
}

bool check_merge_detect(Reader reader) {
  const RingId ring = reader.ring_id();
  const std::size_t members = reader.u16();
  const std::size_t heard = reader.u16();
  reader.zeros(4);
  if (!reader.ok() || !check_ring_id(ring)) return false;
  if (members == 0 || members > kMaxMembers || heard > kMaxJoinEntries) return false;
  return check_nodes(reader, members) && check_nodes(reader, heard) && reader.done();
}

bool check_join(Reader reader) {
  reader.u64();
  const RingId old = reader.ring_id();
  reader.u32();
  reader.u8();
  const std::uint8_t version_min = reader.u8();
  const std::uint8_t version_max = reader.u8();
  reader.zeros(1);
  const std::size_t proc = reader.u16();
  const std::size_t fail = reader.u16();
  const std::size_t heard = reader.u16();
  reader.zeros(2);
  if (!reader.ok() || !check_ring_id(old) || version_min > version_max) return false;
  if (proc == 0 || proc > kMaxJoinEntries || fail > kMaxJoinEntries || heard > kMaxJoinEntries) return false;
  return check_members(reader, proc) && check_members(reader, fail) && check_members(reader, heard) && reader.done();
}

bool check_commit_token(Reader reader) {
  const RingId ring = reader.ring_id();
  reader.u32();
  const std::size_t count = reader.u16();
  reader.zeros(2);
  if (!reader.ok() || !check_ring_id(ring) || count == 0 || count > kMaxMembers) return false;
  NodeId previous = kNoNode;
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    const Identity identity = reader.identity();
    if (identity.node <= previous) return false;
    if (i == 0 && identity.node != ring.representative) return false;
    previous = identity.node;
    const RingId old = reader.ring_id();
    reader.u64();
    reader.u64();
    const std::uint8_t flags = reader.u8();
    reader.zeros(1);
    const std::uint16_t window = reader.u16();
    reader.u16();
    reader.zeros(2);
    reader.take(kMaxMembers / 8);
    const bool filled = (flags & 1) != 0;
    if (flags > 3 || (filled && (!check_ring_id(old) || window == 0 || window > kMaxWindow))) return false;
  }
  return reader.done();
}

}  // namespace

void ShortHeader::write(std::uint8_t* out) const {
  Writer writer(out);
  writer.u8(first_byte(type, key_slot));
  writer.u32(sender_tag);
  writer.u32(counter_low);
  writer.u32(ring_tag);
}

void LongHeader::write(std::uint8_t* out) const {
  Writer writer(out);
  writer.u8(first_byte(type, key_slot));
  writer.u32(cluster_tag);
  writer.u32(sender.node);
  writer.u64(sender.incarnation);
  writer.u64(sender.salt);
  writer.u64(counter);
}

std::optional<PacketType> packet_type(Bytes datagram) {
  if (datagram.empty() || (datagram[0] >> 6) != kWireVersion) return std::nullopt;
  const std::uint8_t type = datagram[0] & 15;
  if (type > static_cast<std::uint8_t>(PacketType::kLeave)) return std::nullopt;
  return static_cast<PacketType>(type);
}

std::optional<ShortHeader> read_short_header(Bytes datagram) {
  if (datagram.size() < ShortHeader::kSize) return std::nullopt;
  Reader reader(datagram);
  const std::uint8_t first = reader.u8();
  ShortHeader header;
  header.type = static_cast<PacketType>(first & 15);
  header.key_slot = slot_of(first);
  header.sender_tag = reader.u32();
  header.counter_low = reader.u32();
  header.ring_tag = reader.u32();
  return header;
}

std::optional<LongHeader> read_long_header(Bytes datagram) {
  if (datagram.size() < LongHeader::kSize) return std::nullopt;
  Reader reader(datagram);
  const std::uint8_t first = reader.u8();
  LongHeader header;
  header.type = static_cast<PacketType>(first & 15);
  header.key_slot = slot_of(first);
  header.cluster_tag = reader.u32();
  header.sender.node = reader.u32();
  header.sender.incarnation = reader.u64();
  header.sender.salt = reader.u64();
  header.counter = reader.u64();
  return header;
}

void DataHeader::write(std::uint8_t* out) const {
  Writer writer(out);
  writer.u32(seq_low);
  writer.u8(origin);
  writer.u8(flags);
  writer.u8(token_seq);
  writer.u16(first_start);
}

DataHeader DataHeader::read(const std::uint8_t* in) {
  Reader reader(Bytes(in, kSize));
  DataHeader header;
  header.seq_low = reader.u32();
  header.origin = reader.u8();
  header.flags = reader.u8();
  header.token_seq = reader.u8();
  header.first_start = reader.u16();
  return header;
}

void CopyHeader::write(std::uint8_t* out) const {
  Writer writer(out);
  writer.u32(old_seq_low);
  writer.u8(maker);
}

CopyHeader CopyHeader::read(const std::uint8_t* in) {
  Reader reader(Bytes(in, kSize));
  CopyHeader header;
  header.old_seq_low = reader.u32();
  header.maker = reader.u8();
  return header;
}

void write_probe(std::uint8_t* out, const Probe& probe) {
  Writer writer(out);
  writer.u64(probe.nonce);
  writer.zeros(Probe::kSize - 8);
}

std::optional<Probe> read_probe(Bytes body) {
  Reader reader(body);
  Probe probe;
  probe.nonce = reader.u64();
  reader.zeros(Probe::kSize - 8);
  if (!reader.done()) return std::nullopt;
  return probe;
}

void write_pong(std::uint8_t* out, const Pong& pong) {
  Writer writer(out);
  writer.u64(pong.nonce);
  writer.u32(pong.lag_ms);
  writer.u32(0);
  writer.u64(pong.highest_incarnation);
}

std::optional<Pong> read_pong(Bytes body) {
  Reader reader(body);
  Pong pong;
  pong.nonce = reader.u64();
  pong.lag_ms = reader.u32();
  reader.zeros(4);
  pong.highest_incarnation = reader.u64();
  if (!reader.done()) return std::nullopt;
  return pong;
}

bool check_control(PacketType type, Bytes body) {
  if (body.size() > kMaxControl) return false;
  switch (type) {
    case PacketType::kMergeDetect:
      return check_merge_detect(Reader(body));
    case PacketType::kJoin:
      return check_join(Reader(body));
    case PacketType::kCommitToken:
      return check_commit_token(Reader(body));
    case PacketType::kLeave: {
      Reader reader(body);
      const RingId ring = reader.ring_id();
      return reader.done() && check_ring_id(ring);
    }
    default:
      return false;
  }
}

}  // namespace openais
