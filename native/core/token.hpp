// The regular token (totem 1.3). Its ring id is known to both sides and authenticated, not sent.
#pragma once

#include <optional>
#include <vector>

#include "bytes.hpp"
#include "limits.hpp"

namespace openais {

// An index into the ring's members, or none.
constexpr std::uint16_t kNoMember = 0xffff;
constexpr std::uint16_t kNoWindow = 0xffff;

// Sequence numbers that somebody misses: first, first + 1, ... first + count - 1.
struct RequestRange {
  std::uint64_t first = 0;
  std::uint16_t count = 0;
};

struct Token {
  static constexpr std::size_t kFixedSize = 60;
  static constexpr std::size_t kRangeSize = 6;

  std::uint64_t token_seq = 0;            // one more at each hop: tells copies apart
  std::uint64_t seq = 0;                  // highest sequence number ever assigned in this ring
  std::uint64_t aru = 0;                  // every member is believed to have all up to here
  std::uint16_t aru_id = kNoMember;       // who lowered aru last
  std::uint32_t fcc = 0;                  // packets sent by all during the last rotation
  std::uint32_t backlog = 0;              // packets still queued, over all members
  std::uint16_t window = 0;               // packets a rotation
  std::uint16_t slow_window = kNoWindow;  // smaller one, asked for by slow_id (A10)
  std::uint16_t slow_id = kNoMember;
  std::uint16_t last_sender = kNoMember;  // who originated last: there an idle token rests (A30)
  std::uint16_t quiet_hops = 0;           // hops in a row at which nothing was sent, asked for or missing
  bool retransmission_flag = false;       // recovery: somebody still has copies to send
  bool idle = false;                      // may rest at the receiver: wait long before repeating it
  std::vector<RequestRange> requests;     // ascending, disjoint
};

// Ranges that fit into a token of `datagram` bytes with `overhead` of header and tag.
std::size_t token_requests_max(std::size_t datagram, std::size_t overhead);
// REQUIRES room for kFixedSize + requests. Returns the bytes written.
std::size_t write_token(std::uint8_t* out, const Token& token);
// Parses completely or not at all. `members` bounds the indexes. Reuses the memory of token.requests.
bool read_token(Bytes body, std::size_t members, Token& token);

}  // namespace openais
