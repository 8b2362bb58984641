#include "io/address.hpp"

#include <doctest/doctest.h>

using namespace openais;

TEST_CASE("an address survives the way through the kernel's form") {
  for (const char* text : {"10.1.2.3", "255.255.255.255", "fe80::1:2", "::"}) {
    Endpoint endpoint;
    REQUIRE(parse_address(text, endpoint));
    endpoint.port = 5405;
    const SocketAddress address = to_socket_address(endpoint);
    CHECK(address.size > 0);
    CHECK(to_endpoint(address.storage) == endpoint);
  }
}

TEST_CASE("what is no numeric address is refused and changes nothing") {
  for (const char* text : {"", "localhost", "10.1.2", "10.1.2.256", "10.1.2.3 ", "1::2::3"}) {
    Endpoint endpoint;
    CHECK_FALSE(parse_address(text, endpoint));
    CHECK(endpoint == Endpoint{});
  }
}

TEST_CASE("an endpoint of no family has no socket address") {
  CHECK(to_socket_address(Endpoint{}).size == 0);
  CHECK(format_endpoint(Endpoint{}) == "none");
  sockaddr_storage unix_address{};
  unix_address.ss_family = AF_UNIX;
  CHECK(to_endpoint(unix_address) == Endpoint{});
}

TEST_CASE("endpoints are written as people write them") {
  Endpoint endpoint;
  REQUIRE(parse_address("239.192.1.1", endpoint));
  CHECK(format_endpoint(with_port(endpoint, 5405)) == "239.192.1.1:5405");
  CHECK(is_multicast(endpoint));
  REQUIRE(parse_address("ff02::1", endpoint));
  CHECK(format_endpoint(with_port(endpoint, 1)) == "[ff02::1]:1");
  CHECK(is_multicast(endpoint));
  REQUIRE(parse_address("192.168.1.1", endpoint));
  CHECK_FALSE(is_multicast(endpoint));
  REQUIRE(parse_address("fe80::1", endpoint));
  CHECK_FALSE(is_multicast(endpoint));
}
