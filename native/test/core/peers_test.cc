#include "core/peers.hpp"

#include <doctest/doctest.h>

#include "cluster.hpp"
#include "core/limits.hpp"

namespace openais::test {
namespace {

struct NoKey : PlainProtection {
  std::unique_ptr<Opener> opener(const Identity&) override { return nullptr; }
};

Peer& heard(Peers& peers, const Identity& identity, std::size_t from, Time when) {
  Peer& peer = *peers.add(identity);
  peer.endpoint = endpoint_of(from);
  peer.has_endpoint = true;
  peer.last_heard = when;
  return peer;
}

}  // namespace

TEST_CASE("a process is found by its whole identity: a node that restarted is another one") {
  PlainProtection protection;
  Peers peers(protection);
  Peer* first = peers.add({1, 1, 1});
  CHECK(peers.add({1, 1, 1}) == first);
  CHECK(peers.find({1, 1, 1}) == first);
  CHECK(peers.find({1, 2, 1}) == nullptr);
  CHECK(peers.find({1, 1, 2}) == nullptr);
  CHECK(peers.add({1, 2, 1}) != first);
  CHECK(peers.all().size() == 2);
}

TEST_CASE("a process for which there is no key is not taken") {
  NoKey protection;
  Peers peers(protection);
  CHECK(peers.add({1, 1, 1}) == nullptr);
  CHECK(peers.all().empty());
}

TEST_CASE("a node is reached where its life that was heard last was heard") {
  PlainProtection protection;
  Peers peers(protection);
  CHECK(peers.reachable(1) == nullptr);
  peers.add({1, 9, 9});
  CHECK(peers.reachable(1) == nullptr);
  Peer& older = heard(peers, {1, 1, 1}, 3, 10);
  Peer& newer = heard(peers, {1, 2, 2}, 4, 20);
  CHECK(peers.reachable(1) == &newer);
  older.last_heard = 30;
  CHECK(peers.reachable(1) == &older);
  CHECK(peers.reachable(2) == nullptr);
  CHECK(peers.at(endpoint_of(4)) == &newer);
  CHECK(peers.at(endpoint_of(5)) == nullptr);
}

TEST_CASE("a life that has not answered a challenge attracts nothing away from one that has (S34)") {
  PlainProtection protection;
  Peers peers(protection);
  Peer& alive = heard(peers, {1, 5, 5}, 3, 10);
  alive.fresh = true;
  Peer& played_back = heard(peers, {1, 4, 4}, 66, 20);
  CHECK(peers.reachable(1) == &alive);
  CHECK(peers.highest_incarnation(1) == 5);
  played_back.fresh = true;
  CHECK(peers.reachable(1) == &played_back);
}

TEST_CASE("incarnations count once they have answered") {
  PlainProtection protection;
  Peers peers(protection);
  CHECK(peers.highest_incarnation(1) == 0);
  peers.add({1, 7, 7});
  CHECK(peers.highest_incarnation(1) == 0);
  peers.add({1, 6, 6})->fresh = true;
  CHECK(peers.highest_incarnation(1) == 6);
  peers.find({1, 7, 7})->fresh = true;
  CHECK(peers.highest_incarnation(1) == 7);
}

TEST_CASE("of too many the one that was heard longest ago is forgotten, but no member of a ring") {
  PlainProtection protection;
  Peers peers(protection);
  for (std::size_t i = 0; i < kMaxPeers; ++i)
    heard(peers, {static_cast<NodeId>(i + 1), 1, 1}, i, 1000 + i).members_of = i < 10 ? 1 : 0;
  CHECK(peers.add({9999, 1, 1}) != nullptr);
  CHECK(peers.all().size() == kMaxPeers);
  CHECK(peers.find({1, 1, 1}) != nullptr);
  CHECK(peers.find({11, 1, 1}) == nullptr);
  for (const auto& peer : peers.all()) peer->members_of = 1;
  CHECK(peers.add({8888, 1, 1}) == nullptr);
}

}  // namespace openais::test
