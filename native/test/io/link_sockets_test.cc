#include "io/link_sockets.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

#include "io/bounds.hpp"
#include "io/error_queue.hpp"
#include "io/udp_sender.hpp"
#include "test/io/loopback.hpp"
#include "test/io/network.hpp"

using namespace openais;
using namespace openais::test;

namespace {

void send_to(const LinkSockets& link, const Endpoint& to, const std::string& text) {
  const SocketAddress address = to_socket_address(to);
  REQUIRE(::sendto(link.token(), text.data(), text.size(), 0, address.get(), address.size) ==
          static_cast<ssize_t>(text.size()));
}

}  // namespace

TEST_CASE("a multicast reaches every node of the host, its sender too, and comes from the token's socket") {
  const auto links = open_links({"127.0.0.1", "127.0.0.2", "127.0.0.3"}, Transport::kMulticast);
  send_to(*links[1], links[1]->config().group, "hello");
  for (const auto& link : links) {
    IoStats stats;
    Receiver receiver(link->data(), 4, stats);
    const Arrived arrived = receive(link->data(), receiver, 1);
    REQUIRE(arrived.datagrams.size() == 1);
    CHECK(arrived.datagrams[0] == std::vector<std::uint8_t>{'h', 'e', 'l', 'l', 'o'});
    CHECK(arrived.from == links[1]->token_endpoint());
  }
}

TEST_CASE("a multicast for another group on the same port does not arrive") {
  const auto links = open_links({"127.0.0.1"}, Transport::kMulticast);
  LinkConfig other = links[0]->config();
  other.group = endpoint("239.192.7.2", other.data.port);
  other.data = endpoint("127.0.0.9", other.data.port);
  std::string error;
  const auto foreign = LinkSockets::open(other, Transport::kMulticast, true, error);
  REQUIRE_MESSAGE(foreign != nullptr, error);
  send_to(*foreign, other.group, "not for you");
  CHECK(wait_readable(foreign->data()));
  CHECK_FALSE(wait_readable(links[0]->data(), 20));
}

TEST_CASE("what goes to a node alone arrives at its token's socket, by unicast also at its data socket") {
  const auto links = open_links({"127.0.0.1", "127.0.0.2"}, Transport::kUnicast);
  send_to(*links[0], links[1]->token_endpoint(), "token");
  send_to(*links[0], links[1]->config().data, "data");
  CHECK(wait_readable(links[1]->token()));
  CHECK(wait_readable(links[1]->data()));
  CHECK_FALSE(wait_readable(links[0]->data(), 20));
}

TEST_CASE("a refused datagram is reported with the address that it had gone to") {
  auto links = open_links({"127.0.0.1", "127.0.0.2"}, Transport::kMulticast);
  const Endpoint gone = links[1]->token_endpoint();
  Endpoint to;
  CHECK(take_queued_error(links[0]->token(), to) == QueuedError::kNone);
  links.pop_back();
  send_to(*links[0], gone, "anybody?");
  pollfd wanted{links[0]->token(), 0, 0};
  REQUIRE(::poll(&wanted, 1, 1000) == 1);
  CHECK((wanted.revents & POLLERR) != 0);
  CHECK(take_queued_error(links[0]->token(), to) == QueuedError::kRefused);
  CHECK(to == gone);
  CHECK(take_queued_error(links[0]->token(), to) == QueuedError::kNone);
}

TEST_CASE("sockets that were not permitted or not possible say what failed") {
  std::string error;
  const auto fails = [&](const LinkConfig& config, Transport transport, const char* words) {
    CHECK(LinkSockets::open(config, transport, true, error) == nullptr);
    CHECK_MESSAGE(error.find(words) != std::string::npos, error);
  };
  fails(link_config("192.0.2.77", 5405), Transport::kUnicast, "192.0.2.77:5404");
  fails(link_config("::1", 5405), Transport::kUnicast, "IPv4");
  fails(link_config("127.0.0.1", 1), Transport::kUnicast, "port");
  LinkConfig no_group = link_config("127.0.0.1", 5405);
  no_group.group = endpoint("10.0.0.1", 5405);
  fails(no_group, Transport::kMulticast, "10.0.0.1:5405 is no IPv4 multicast group");

  const auto taken = open_links({"127.0.0.1"}, Transport::kUnicast);
  fails(taken[0]->config(), Transport::kUnicast, "in use");
}

TEST_CASE("buffers are read back, and descriptors do not survive an exec") {
  const auto links = open_links({"127.0.0.1"}, Transport::kMulticast);
  CHECK(links[0]->receive_buffer() >= 2048);
  CHECK(links[0]->receive_buffer() <= static_cast<std::size_t>(kReceiveBufferWanted));
  for (const int fd : {links[0]->data(), links[0]->token()}) {
    CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    CHECK((::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  }
}

TEST_CASE("joining again where we are still members changes nothing") {
  const auto links = open_links({"127.0.0.1", "127.0.0.2"}, Transport::kMulticast);
  for (int i = 0; i < 30; ++i) links[1]->rejoin();
  send_to(*links[0], links[0]->config().group, "once");
  IoStats stats;
  Receiver receiver(links[1]->data(), 4, stats);
  CHECK(receive(links[1]->data(), receiver, 1).datagrams.size() == 1);
  CHECK_FALSE(wait_readable(links[1]->data(), 20));
}

TEST_CASE("a link whose interface was taken away and came back hears the group again") {
  const Outcome outcome = in_own_network([] {
    std::string error;
    LinkConfig config = link_config("10.9.0.1", 5405);
    const auto link = LinkSockets::open(config, Transport::kMulticast, true, error);
    if (link == nullptr) return false;
    // Our own multicast comes back to us, if we are a member.
    const auto hears = [&] {
      const SocketAddress group = to_socket_address(link->config().group);
      IoStats stats;
      UdpSender sender(link->token(), false, stats);
      std::uint8_t byte = 7;
      sender.begin();
      sender.send(group, {&byte, 1}, 1);
      Receiver receiver(link->data(), 1, stats);
      ReceivedBuffer buffer;
      return wait_readable(link->data(), 100) && receiver.next(buffer);
    };
    if (!hears()) return false;
    // More often than the kernel keeps memberships for one socket.
    for (int i = 0; i < 25; ++i) {
      if (!run_command("ip link del near") || !make_interfaces()) return false;
      if (i == 0 && hears()) return false;
      link->rejoin();
      if (!hears()) return false;
    }
    return true;
  });
  if (outcome == Outcome::kImpossible) MESSAGE("no network of our own: not tested");
  CHECK(outcome != Outcome::kFailed);
}
