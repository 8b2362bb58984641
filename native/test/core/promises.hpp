// What extended virtual synchrony promises, looked for in the deliveries of a cluster (totem 2.2).
#pragma once

#include <map>

#include "cluster.hpp"

namespace openais::test {

// What a node delivered between two of its configuration changes, by those two: members that share both have to share
// all of it (E9).
using Segments = std::map<std::pair<std::string, std::string>, std::vector<Delivered>>;

inline std::string name_of(const Changed& change) {
  std::string name = change.transitional ? "transitional " : "regular ";
  for (const RingId* id : {&change.ring, &change.old})
    name += std::to_string(id->representative) + "." + std::to_string(id->nonce) + "." + std::to_string(id->seq) + " ";
  for (const NodeId member : change.members) name += std::to_string(member) + ",";
  return name;
}

inline Segments segments_of(const Node& node) {
  Segments segments;
  for (std::size_t i = 0; i + 1 < node.changes.size(); ++i) {
    const auto from = node.delivered.begin() + static_cast<std::ptrdiff_t>(node.changes[i].after);
    const auto to = node.delivered.begin() + static_cast<std::ptrdiff_t>(node.changes[i + 1].after);
    // Regular changes differ in the old ring that each member leaves; they are the same by their ring.
    Changed first = node.changes[i];
    if (!first.transitional) first.old = {};
    Changed next = node.changes[i + 1];
    if (!next.transitional) next.old = {};
    segments[{name_of(first), name_of(next)}] = {from, to};
  }
  return segments;
}

struct Synchrony {
  std::size_t shared = 0;  // stretches that more than one node went through
  std::string broken;      // one in which they delivered different messages; empty: none
};

// E9 over all pairs of nodes.
inline Synchrony virtual_synchrony(const Cluster& cluster) {
  Synchrony result;
  Segments known;
  for (const auto& node : cluster.nodes)
    for (const auto& [key, messages] : segments_of(*node)) {
      const auto [at, is_first] = known.try_emplace(key, messages);
      if (is_first) continue;
      ++result.shared;
      if (at->second != messages)
        result.broken = "node " + std::to_string(node->config.self.node) + " from " + key.first + " to " + key.second;
    }
  return result;
}

// Where a message was delivered.
struct Placed {
  const Delivered* message;
  const Changed* change;  // the configuration
  RingId ring;            // of the regular configuration that it is, or follows

  bool operator==(const Placed& other) const { return ring == other.ring && *message == *other.message; }
};

// REQUIRES messages that differ in their text. By text.
inline std::map<std::string, Placed> placed_by(const Node& node) {
  std::map<std::string, Placed> placed;
  std::size_t change = 0;
  for (std::size_t i = 0; i < node.delivered.size(); ++i) {
    while (change + 1 < node.changes.size() && node.changes[change + 1].after <= i) ++change;
    const Changed& in = node.changes[change];
    placed.insert({node.delivered[i].text, {&node.delivered[i], &in, in.transitional ? in.old : in.ring}});
  }
  return placed;
}

// What each sender's messages of one priority were, in one ring, in the order in which `node` delivered them.
using Streams = std::map<std::tuple<NodeId, std::uint64_t, Priority>, std::vector<std::string>>;

inline Streams streams_of(const Node& node) {
  Streams streams;
  const auto placed = placed_by(node);
  for (const Delivered& message : node.delivered)
    streams[{message.sender, placed.at(message.text).ring.nonce, message.priority}].push_back(message.text);
  return streams;
}

// The first promise that is broken, in words; empty if none is. REQUIRES that all nodes live and had the time to
// deliver everything, and messages that differ in their text.
inline std::string broken_promise(const Cluster& cluster) {
  const Synchrony synchrony = virtual_synchrony(cluster);
  if (!synchrony.broken.empty()) return "who goes together delivers the same (E9): " + synchrony.broken;
  std::vector<std::map<std::string, Placed>> placed;
  std::vector<Streams> streams;
  for (const auto& node : cluster.nodes) {
    placed.push_back(placed_by(*node));
    streams.push_back(streams_of(*node));
  }
  for (std::size_t i = 0; i < placed.size(); ++i) {
    for (const auto& [text, at] : placed[i])
      for (std::size_t other = 0; other < placed.size(); ++other) {
        const auto there = placed[other].find(text);
        if (there != placed[other].end() && !(there->second == at))
          return "a message has one place in the order (E11): " + text.substr(0, 12);
        const auto& members = at.change->members;
        const bool is_member = std::find(members.begin(), members.end(), other + 1) != members.end();
        if (at.message->safe && is_member && there == placed[other].end())
          return "a safe message reaches all members (E14): " + text.substr(0, 12);
      }
    // What a sender sent in a ring it delivers there; nobody delivers a later message of it without the earlier ones
    // (E10).
    for (const auto& [key, stream] : streams[i]) {
      const std::vector<std::string>& sent = streams[std::get<0>(key) - 1][key];
      const bool is_prefix = stream.size() <= sent.size() && std::equal(stream.begin(), stream.end(), sent.begin());
      if (!is_prefix) return "messages of a sender are delivered without a gap (E10): " + stream.back().substr(0, 12);
    }
  }
  return {};
}

}  // namespace openais::test
