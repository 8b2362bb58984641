#include "io/udp_transmitter.hpp"

#include <doctest/doctest.h>

#include <cstring>

#include "core/limits.hpp"
#include "test/io/loopback.hpp"

using namespace openais;
using namespace openais::test;

namespace {

const Destination kAll{PacketClass::kData, true, {}, 1};

Destination to_node(const LinkSockets& link, PacketClass socket) {
  return {socket, false, link.token_endpoint(), 1};
}

void put(UdpTransmitter& transmitter, const Destination& to, std::size_t size, std::uint8_t seed) {
  const auto bytes = pattern(size, seed);
  std::memcpy(transmitter.reserve(size), bytes.data(), size);
  transmitter.commit(to, size);
}

struct Fixture {
  explicit Fixture(Transport transport, bool offload = true)
      : links(open_links({"127.0.0.1", "127.0.0.2", "127.0.0.3"}, transport, offload)),
        first(links.data(), 1),
        transmitter(first, stats) {}

  Arrived arrived(std::size_t node, PacketClass socket, std::size_t count) {
    const int fd = socket == PacketClass::kData ? links[node]->data() : links[node]->token();
    Receiver receiver(fd, 16, receive_stats);
    return receive(fd, receiver, count);
  }

  std::vector<std::unique_ptr<LinkSockets>> links;
  std::span<const std::unique_ptr<LinkSockets>> first;  // what the sending node has: its one link
  IoStats stats;
  IoStats receive_stats;
  UdpTransmitter transmitter;
};

}  // namespace

TEST_CASE("datagrams of one size leave in one call, a shorter one as their last") {
  Fixture fixture(Transport::kMulticast);
  if (!fixture.transmitter.can_segment()) return;
  for (std::uint8_t i = 0; i < 10; ++i) put(fixture.transmitter, kAll, 1000, i);
  put(fixture.transmitter, kAll, 10, 10);
  fixture.transmitter.flush();
  CHECK(fixture.stats.send_calls == 1);
  // A longer one, one after a shorter one, and another destination each begin a call.
  for (const std::size_t size : {100, 50, 100, 200}) put(fixture.transmitter, kAll, size, 1);
  put(fixture.transmitter, to_node(*fixture.links[1], PacketClass::kToken), 200, 2);
  put(fixture.transmitter, kAll, 200, 3);
  fixture.transmitter.flush();
  CHECK(fixture.stats.send_calls == 1 + 5);
  CHECK(fixture.stats.datagrams_sent == 11 + 6);

  const Arrived arrived = fixture.arrived(2, PacketClass::kData, 16);
  REQUIRE(arrived.datagrams.size() == 16);
  for (std::uint8_t i = 0; i < 10; ++i) CHECK(arrived.datagrams[i] == pattern(1000, i));
  CHECK(arrived.datagrams[10] == pattern(10, 10));
  CHECK(arrived.datagrams[15] == pattern(200, 3));
  CHECK(fixture.arrived(1, PacketClass::kToken, 1).datagrams.at(0) == pattern(200, 2));
}

TEST_CASE("nothing leaves before the flush, unless the memory is full") {
  Fixture fixture(Transport::kMulticast);
  put(fixture.transmitter, kAll, 500, 1);
  CHECK(fixture.stats.send_calls == 0);
  fixture.transmitter.flush();
  CHECK(fixture.stats.datagrams_sent == 1);
  fixture.transmitter.flush();
  CHECK(fixture.stats.send_calls == 1);
  // What was reserved and not committed does not leave.
  fixture.transmitter.reserve(100);
  fixture.transmitter.flush();
  CHECK(fixture.stats.send_calls == 1);

  const std::size_t fits = kArenaBytes / kMaxDatagram;
  for (std::size_t i = 0; i < fits + 1; ++i) put(fixture.transmitter, kAll, kMaxDatagram, 1);
  CHECK(fixture.stats.datagrams_sent == 1 + fits);
  fixture.transmitter.flush();
  CHECK(fixture.stats.datagrams_sent == 1 + fits + 1);
}

TEST_CASE("as many datagrams as there may be groups leave in order") {
  Fixture fixture(Transport::kMulticast);
  // Each longer than the one before: each a group of its own.
  for (std::size_t i = 0; i < kArenaGroups; ++i) put(fixture.transmitter, kAll, i + 1, 0);
  CHECK(fixture.stats.datagrams_sent == kArenaGroups);
}

TEST_CASE("no call carries more than the kernel takes") {
  Fixture fixture(Transport::kMulticast);
  for (std::size_t i = 0; i < 200; ++i) put(fixture.transmitter, kAll, 20, static_cast<std::uint8_t>(i));
  for (std::size_t i = 0; i < 60; ++i) put(fixture.transmitter, kAll, 1472, static_cast<std::uint8_t>(i));
  fixture.transmitter.flush();
  CHECK(fixture.stats.datagrams_sent == 260);
  if (fixture.transmitter.can_segment()) {
    CHECK(fixture.stats.datagrams_segmented == 260);
    CHECK(fixture.stats.send_calls == 4 + 2);
  }
  const Arrived arrived = fixture.arrived(1, PacketClass::kData, 260);
  REQUIRE(arrived.datagrams.size() == 260);
  CHECK(arrived.datagrams[199] == pattern(20, 199));
  CHECK(arrived.datagrams[259] == pattern(1472, 59));
}

TEST_CASE("by unicast, what is for all goes to every other node, in order with what is for one") {
  Fixture fixture(Transport::kUnicast);
  for (std::uint8_t i = 0; i < 5; ++i) put(fixture.transmitter, kAll, 300, i);
  put(fixture.transmitter, to_node(*fixture.links[2], PacketClass::kData), 300, 5);
  put(fixture.transmitter, to_node(*fixture.links[1], PacketClass::kToken), 300, 6);
  fixture.transmitter.flush();
  CHECK(fixture.stats.datagrams_sent == 5 * 2 + 2);
  CHECK(fixture.arrived(1, PacketClass::kData, 5).datagrams.size() == 5);
  const Arrived third = fixture.arrived(2, PacketClass::kData, 6);
  REQUIRE(third.datagrams.size() == 6);
  CHECK(third.datagrams[5] == pattern(300, 5));
  CHECK(third.from == fixture.links[0]->token_endpoint());
  CHECK(fixture.arrived(1, PacketClass::kToken, 1).datagrams.at(0) == pattern(300, 6));
  CHECK_FALSE(wait_readable(fixture.links[0]->data(), 20));
}

TEST_CASE("links that a datagram is not for, or that there are not, get nothing") {
  Fixture fixture(Transport::kMulticast);
  Destination elsewhere = kAll;
  elsewhere.links = 0xfe;
  put(fixture.transmitter, elsewhere, 100, 1);
  Destination nowhere = kAll;
  nowhere.multicast = false;
  put(fixture.transmitter, nowhere, 100, 1);
  fixture.transmitter.flush();
  CHECK(fixture.stats.send_calls == 0);
}
