#include "core/token.hpp"

#include <doctest/doctest.h>

#include <cstring>

#include "core/random.hpp"

namespace openais {
namespace {

constexpr std::size_t kMembers = 5;

std::vector<std::uint8_t> wire_of(const Token& token) {
  std::vector<std::uint8_t> wire(Token::kFixedSize + token.requests.size() * Token::kRangeSize);
  REQUIRE(write_token(wire.data(), token) == wire.size());
  return wire;
}

Token plain() {
  Token token;
  token.token_seq = 9;
  token.seq = 1000;
  token.aru = 900;
  token.window = 64;
  return token;
}

bool is_taken(const Token& token, std::size_t members = kMembers) {
  Token read;
  return read_token(wire_of(token), members, read);
}

// The change that `change` makes to a token that is right makes it wrong.
template <typename Change>
bool refuses(Change change) {
  Token token = plain();
  change(token);
  return !is_taken(token);
}

}  // namespace

TEST_CASE("a token comes back as it was written, in every field") {
  Token token = plain();
  token.token_seq = ~std::uint64_t{0};
  token.seq = (std::uint64_t{1} << 53) + 7;
  token.aru = (std::uint64_t{1} << 53) - 7;
  token.aru_id = 4;
  token.fcc = 0xffffffff;
  token.backlog = 0xfffffffe;
  token.window = kMaxWindow;
  token.slow_window = 4;
  token.slow_id = 3;
  token.last_sender = 2;
  token.quiet_hops = 0xfff0;
  token.retransmission_flag = true;
  token.idle = true;
  token.requests = {{token.seq - 500, 1}, {token.seq - 300, 200}, {token.seq - 1, 2}};
  Token read;
  REQUIRE(read_token(wire_of(token), kMembers, read));
  CHECK(read.token_seq == token.token_seq);
  CHECK(read.seq == token.seq);
  CHECK(read.aru == token.aru);
  CHECK(read.aru_id == 4);
  CHECK(read.fcc == 0xffffffff);
  CHECK(read.backlog == 0xfffffffe);
  CHECK(read.window == kMaxWindow);
  CHECK(read.slow_window == 4);
  CHECK(read.slow_id == 3);
  CHECK(read.last_sender == 2);
  CHECK(read.quiet_hops == 0xfff0);
  CHECK(read.retransmission_flag);
  CHECK(read.idle);
  REQUIRE(read.requests.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(read.requests[i].first == token.requests[i].first);
    CHECK(read.requests[i].count == token.requests[i].count);
  }
}

TEST_CASE("a token is taken in exactly one length") {
  Token token = plain();
  token.requests = {{901, 3}, {910, 1}};
  std::vector<std::uint8_t> wire = wire_of(token);
  Token read;
  for (std::size_t size = 0; size < wire.size(); ++size)
    REQUIRE_FALSE(read_token(Bytes(wire).first(size), kMembers, read));
  wire.push_back(0);
  CHECK_FALSE(read_token(wire, kMembers, read));
}

TEST_CASE("what was read before leaves nothing behind") {
  Token read;
  Token token = plain();
  token.requests = {{950, 10}};
  REQUIRE(read_token(wire_of(token), kMembers, read));
  REQUIRE(read_token(wire_of(plain()), kMembers, read));
  CHECK(read.requests.empty());
}

TEST_CASE("fields out of their range are refused") {
  CHECK(refuses([](Token& t) { t.aru = t.seq + 1; }));
  CHECK(refuses([](Token& t) { t.window = 0; }));
  CHECK(refuses([](Token& t) { t.window = kMaxWindow + 1; }));
  CHECK(refuses([](Token& t) { t.aru_id = kMembers; }));
  CHECK(refuses([](Token& t) { t.slow_id = kMembers; }));
  CHECK(refuses([](Token& t) { t.last_sender = 0xfffe; }));
  CHECK_FALSE(refuses([](Token& t) { t.aru_id = kMembers - 1; }));
}

TEST_CASE("a smaller window and who asked for it come together") {
  CHECK(refuses([](Token& t) { t.slow_window = 4; }));
  CHECK(refuses([](Token& t) { t.slow_id = 1; }));
  CHECK_FALSE(refuses([](Token& t) {
    t.slow_window = 1;
    t.slow_id = 1;
  }));
}

TEST_CASE("requests are ascending, disjoint, not empty, and of what was sent") {
  const auto asks = [](std::vector<RequestRange> requests) {
    return refuses([&](Token& t) { t.requests = std::move(requests); });
  };
  CHECK(asks({{950, 0}}));
  CHECK(asks({{950, 10}, {955, 1}}));
  CHECK(asks({{950, 1}, {950, 1}}));
  CHECK(asks({{1001, 1}}));
  CHECK(asks({{1000, 2}}));
  CHECK(asks({{900, 0xffff}}));
  CHECK_FALSE(asks({{1000, 1}}));
  CHECK_FALSE(asks({{1, 1000}}));
  CHECK_FALSE(asks({{950, 10}, {960, 1}}));
}

TEST_CASE("a base near the end of the numbers cannot wrap around") {
  Token token = plain();
  token.seq = token.aru = ~std::uint64_t{0};
  token.requests = {{~std::uint64_t{0} - 5, 1}, {~std::uint64_t{0} - 2, 1}};
  std::vector<std::uint8_t> wire = wire_of(token);
  Token read;
  CHECK(read_token(wire, kMembers, read));
  const std::uint32_t far = 0x10;
  std::memcpy(wire.data() + Token::kFixedSize + Token::kRangeSize, &far, 4);
  CHECK_FALSE(read_token(wire, kMembers, read));
}

TEST_CASE("reserved bytes and unknown flags of a token are refused") {
  const std::vector<std::uint8_t> wire = wire_of(plain());
  Token read;
  for (const std::size_t offset : {53u, 56u, 57u, 58u, 59u}) {
    std::vector<std::uint8_t> changed = wire;
    changed[offset] = 1;
    CHECK_FALSE(read_token(changed, kMembers, read));
  }
  std::vector<std::uint8_t> flags = wire;
  flags[52] = 4;
  CHECK_FALSE(read_token(flags, kMembers, read));
}

TEST_CASE("as many ranges as fit into a datagram, and never more than their bound") {
  for (const std::size_t datagram : {548u, 1472u, 8972u, 65507u}) {
    for (const std::size_t overhead : {13u, 29u}) {
      const std::size_t most = token_requests_max(datagram, overhead);
      CHECK(most <= kMaxRequests);
      CHECK(overhead + Token::kFixedSize + most * Token::kRangeSize <= datagram);
      if (most < kMaxRequests) CHECK(overhead + Token::kFixedSize + (most + 1) * Token::kRangeSize > datagram);
    }
  }
  Token token = plain();
  for (std::uint64_t i = 0; i < kMaxRequests; ++i) token.requests.push_back({1 + 2 * i, 1});
  CHECK(is_taken(token));
  token.requests.push_back({1 + 2 * kMaxRequests, 1});
  CHECK_FALSE(is_taken(token));
}

TEST_CASE("of random bytes none is taken that does not write itself back the same") {
  Random random({11, 12, 13, 14});
  std::size_t taken = 0;
  for (int i = 0; i < 20000; ++i) {
    Token token = plain();
    token.requests = {{950, 3}, {970, 1}};
    std::vector<std::uint8_t> wire = wire_of(token);
    for (std::uint64_t n = random.next() % 3 + 1; n > 0; --n)
      wire[random.next() % wire.size()] = static_cast<std::uint8_t>(random.next());
    Token read;
    if (!read_token(wire, kMembers, read)) continue;
    ++taken;
    REQUIRE(read.aru <= read.seq);
    Token again;
    REQUIRE(read_token(wire_of(read), kMembers, again));
    REQUIRE(wire_of(again) == wire_of(read));
  }
  CHECK(taken > 100);
}

}  // namespace openais
