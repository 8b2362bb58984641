// Processes that were heard of: their keys, replay windows, addresses, and whether they are known to be alive now
// rather than recorded yesterday (the challenge of totem 4.2, A20).
#pragma once

#include <memory>
#include <vector>

#include "packet.hpp"
#include "protection.hpp"
#include "replay_window.hpp"

namespace openais {

// A probe that was sent and may still be answered.
struct SentProbe {
  std::uint64_t nonce = 0;
  Time sent = 0;
};

struct Peer {
  Identity identity;
  std::unique_ptr<Opener> opener;
  ReplayWindow window;
  Endpoint endpoint;  // where it was last heard from; what goes to it alone goes there
  LinkIndex link = 0;
  bool has_endpoint = false;
  bool fresh = false;            // answered a challenge of ours, or is a member of a ring of ours
  Time last_heard = 0;           // authentic packets only
  std::uint32_t members_of = 0;  // rings that hold it; not forgotten before

  std::array<SentProbe, 4> probes{};
  std::size_t next_probe = 0;

  // Probing that TypeScript asked for, or that a refusal started.
  std::uint32_t probes_left = 0;
  Time probe_interval = 0;
  Time probe_due = kNever;
  bool report_pongs = false;
  Time silence_deadline = kNever;  // refused by its host: gone unless heard before

  // The last control packet of a peer that has not answered yet.
  Time challenged = 0;
  PacketType stashed_type{};
  LinkIndex stashed_link = 0;
  std::vector<std::uint8_t> stashed;
};

class Peers {
 public:
  explicit Peers(Protection& protection) : protection_(protection) {}

  Peer* find(const Identity& identity);
  // The incarnation of that node whose address is known and that was heard last, of those that answered a challenge if
  // there are any.
  Peer* reachable(NodeId node);
  Peer* at(const Endpoint& endpoint);
  // Finds or adds. Null if there is no room among peers that are no members.
  Peer* add(const Identity& identity);
  Peer* add(const Identity& identity, std::unique_ptr<Opener> opener);

  // The highest incarnation of a node that answered a challenge; older ones are refused.
  std::uint64_t highest_incarnation(NodeId node) const;

  std::vector<std::unique_ptr<Peer>>& all() { return peers_; }

 private:
  bool make_room();

  Protection& protection_;
  std::vector<std::unique_ptr<Peer>> peers_;
};

}  // namespace openais
