#include "assembler.hpp"

#include <algorithm>

#include "limits.hpp"

namespace openais {
namespace {

// The length in front of a message, at most three bytes. 0: not a length (torn or too large).
std::size_t read_length(Bytes bytes, std::size_t& size) {
  std::size_t length = 0;
  for (size = 0; size < 3 && size < bytes.size(); ++size) {
    length |= static_cast<std::size_t>(bytes[size] & 0x7f) << (7 * size);
    if ((bytes[size] & 0x80) == 0) {
      ++size;
      return length <= kMaxMessage ? length : 0;
    }
  }
  return 0;
}

}  // namespace

bool Assembler::deliver(const Packet& packet, MessageInfo info, PacketCursor& cursor, Delivery& delivery,
                        Stats& stats) {
  const Bytes payload = packet.payload();
  Stream& stream = streams_[packet.origin * kPriorities + static_cast<std::size_t>(packet.priority())];
  if (!cursor.is_started()) {
    const std::size_t start = std::min<std::size_t>(packet.first_start, payload.size());
    const std::size_t missing = stream.expected - stream.bytes.size();
    const bool continues = stream.expected > 0 && (packet.first_start == DataHeader::kNoStart || start == missing);
    if (stream.expected > 0 && !continues) {
      stats.drop(Drop::kMalformed);
      stream.reset();
    }
    // A continuation of nothing is skipped: its beginning lies before a gap.
    if (stream.expected == 0) cursor.offset = start;
  }
  while (cursor.offset < payload.size()) {
    const Bytes rest = payload.subspan(cursor.offset);
    if (stream.expected == 0) {
      if (rest[0] == 0) {
        ++cursor.offset;
        continue;
      }
      std::size_t prefix;
      const std::size_t length = read_length(rest, prefix);
      if (length == 0) {
        stats.drop(Drop::kMalformed);
        break;
      }
      cursor.offset += prefix;
      stream.expected = length;
      continue;
    }
    const std::size_t missing = stream.expected - stream.bytes.size();
    if (rest.size() < missing) {
      stream.bytes.insert(stream.bytes.end(), rest.begin(), rest.end());
      break;
    }
    info.ordinal = cursor.ordinal;
    if (!delivery.message(info, stream.bytes, rest.first(missing))) return false;
    cursor.offset += missing;
    ++cursor.ordinal;
    stream.reset();
  }
  cursor = {};
  return true;
}

}  // namespace openais
