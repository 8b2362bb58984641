#include "token.hpp"

#include <algorithm>

namespace openais {
namespace {

constexpr std::uint8_t kRetransmissionFlag = 1;
constexpr std::uint8_t kIdleFlag = 2;

bool is_index(std::uint16_t index, std::size_t members) {
  return index == kNoMember || index < members;
}

}  // namespace

std::size_t token_requests_max(std::size_t datagram, std::size_t overhead) {
  return std::min(kMaxRequests, (datagram - overhead - Token::kFixedSize) / Token::kRangeSize);
}

std::size_t write_token(std::uint8_t* out, const Token& token) {
  const std::uint64_t base = token.requests.empty() ? 0 : token.requests.front().first;
  Writer writer(out);
  writer.u64(token.token_seq);
  writer.u64(token.seq);
  writer.u64(token.aru);
  writer.u64(base);
  writer.u32(token.fcc);
  writer.u32(token.backlog);
  writer.u16(token.aru_id);
  writer.u16(token.window);
  writer.u16(token.slow_window);
  writer.u16(token.slow_id);
  writer.u16(token.last_sender);
  writer.u16(token.quiet_hops);
  writer.u8(
      static_cast<std::uint8_t>((token.retransmission_flag ? kRetransmissionFlag : 0) | (token.idle ? kIdleFlag : 0)));
  writer.u8(0);
  writer.u16(static_cast<std::uint16_t>(token.requests.size()));
  writer.u32(0);
  for (const RequestRange& range : token.requests) {
    writer.u32(static_cast<std::uint32_t>(range.first - base));
    writer.u16(range.count);
  }
  return writer.written();
}

bool read_token(Bytes body, std::size_t members, Token& token) {
  Reader reader(body);
  token.token_seq = reader.u64();
  token.seq = reader.u64();
  token.aru = reader.u64();
  const std::uint64_t base = reader.u64();
  token.fcc = reader.u32();
  token.backlog = reader.u32();
  token.aru_id = reader.u16();
  token.window = reader.u16();
  token.slow_window = reader.u16();
  token.slow_id = reader.u16();
  token.last_sender = reader.u16();
  token.quiet_hops = reader.u16();
  const std::uint8_t flags = reader.u8();
  reader.zeros(1);
  const std::size_t count = reader.u16();
  reader.zeros(4);
  if (!reader.ok() || flags > 3 || count > kMaxRequests || reader.left() != count * Token::kRangeSize) return false;
  if (!is_index(token.aru_id, members) || !is_index(token.slow_id, members) || !is_index(token.last_sender, members))
    return false;
  if (token.aru > token.seq || token.window == 0 || token.window > kMaxWindow) return false;
  if ((token.slow_window == kNoWindow) != (token.slow_id == kNoMember)) return false;
  token.retransmission_flag = (flags & kRetransmissionFlag) != 0;
  token.idle = (flags & kIdleFlag) != 0;
  token.requests.clear();
  std::uint64_t next = base;
  for (std::size_t i = 0; i < count; ++i) {
    const RequestRange range{base + reader.u32(), reader.u16()};
    // Ascending and disjoint, and nothing asked for that was never sent; base + u32 cannot wrap below seq.
    if (range.count == 0 || range.first < next || range.first < base || range.first > token.seq ||
        range.count - 1u > token.seq - range.first)
      return false;
    next = range.first + range.count;
    token.requests.push_back(range);
  }
  return reader.done();
}

}  // namespace openais
