#include "peers.hpp"

#include <algorithm>

#include "limits.hpp"

namespace openais {

Peer* Peers::find(const Identity& identity) {
  for (const auto& peer : peers_)
    if (peer->identity == identity) return peer.get();
  return nullptr;
}

Peer* Peers::reachable(NodeId node) {
  Peer* best = nullptr;
  // Packets of a former life that somebody plays back must not draw what goes to the node to where they came from
  // (S34).
  const auto is_better = [&](const Peer& peer) {
    if (best == nullptr || peer.fresh != best->fresh) return best == nullptr || peer.fresh;
    return peer.last_heard > best->last_heard;
  };
  for (const auto& peer : peers_)
    if (peer->identity.node == node && peer->has_endpoint && is_better(*peer)) best = peer.get();
  return best;
}

Peer* Peers::at(const Endpoint& endpoint) {
  Peer* best = nullptr;
  for (const auto& peer : peers_)
    if (peer->has_endpoint && peer->endpoint == endpoint && (best == nullptr || peer->last_heard > best->last_heard))
      best = peer.get();
  return best;
}

Peer* Peers::add(const Identity& identity) {
  if (Peer* peer = find(identity)) return peer;
  return add(identity, protection_.opener(identity));
}

Peer* Peers::add(const Identity& identity, std::unique_ptr<Opener> opener) {
  if (opener == nullptr || !make_room()) return nullptr;
  auto peer = std::make_unique<Peer>();
  peer->identity = identity;
  peer->opener = std::move(opener);
  peers_.push_back(std::move(peer));
  return peers_.back().get();
}

std::uint64_t Peers::highest_incarnation(NodeId node) const {
  std::uint64_t highest = 0;
  for (const auto& peer : peers_)
    if (peer->identity.node == node && peer->fresh) highest = std::max(highest, peer->identity.incarnation);
  return highest;
}

bool Peers::make_room() {
  if (peers_.size() < kMaxPeers) return true;
  auto oldest = peers_.end();
  for (auto it = peers_.begin(); it != peers_.end(); ++it) {
    if ((*it)->members_of > 0) continue;
    if (oldest == peers_.end() || (*it)->last_heard < (*oldest)->last_heard) oldest = it;
  }
  if (oldest == peers_.end()) return false;
  peers_.erase(oldest);
  return true;
}

}  // namespace openais
