// A membership that knows everything and decides at once: in tests of the core it stands in for src/totem. The rules of
// totem 1.12 and 1.13 that decide what is recovered and delivered are its own; nothing is taken from the production
// code.
#pragma once

#include "cluster.hpp"

namespace openais::test {

class Membership {
 public:
  // Each node starts as a ring of its own.
  explicit Membership(Cluster& cluster) : cluster_(cluster), states_(cluster.nodes.size()) {
    cluster_.on_recovered = [this](Node& node, std::uint32_t handle) { recovered(node, handle); };
    for (std::size_t i = 0; i < states_.size(); ++i) boot(i);
  }

  void boot(std::size_t index) {
    Node& node = *cluster_.nodes[index];
    State& state = states_[index];
    state = {};
    state.ring = ++handles_;
    state.id = next_id(node.config.self.node);
    state.members = {node.config.self.node};
    cluster_.command(node, command::create_ring(state.ring, cluster_.window, 0, state.id, {node.config.self}));
    cluster_.command(node, command::install(state.ring, 0, 0, {}, {}));
  }

  // Gather and Commit of these nodes, done with: their new ring recovers. Run the cluster, and it is installed.
  // Who is bound by another attempt than the rest of its old ring gets a ring apart.
  void form(std::vector<std::size_t> indexes) {
    std::sort(indexes.begin(), indexes.end());
    for (const std::size_t i : indexes) gather(i);
    const std::vector<std::size_t> others = take_those_bound_otherwise(indexes);
    begin(indexes);
    if (!others.empty()) form(others);
  }

  void kill(std::size_t index) { cluster_.nodes[index]->is_dead = true; }

  std::uint32_t ring(std::size_t index) const { return states_[index].ring; }
  std::uint32_t forming(std::size_t index) const { return states_[index].forming; }
  const RingId& id(std::size_t index) const { return states_[index].id; }
  RingSummary gathered(std::size_t index) const { return states_[index].summary; }

  bool installs = true;  // false: TypeScript is stalled

 private:
  // What a node knows of its installed ring, and of the attempt to form the next one.
  struct State {
    std::uint32_t ring = 0;
    RingId id;
    std::vector<NodeId> members;
    RingSummary summary;
    std::uint32_t forming = 0;
    RingId forming_id;
    std::vector<NodeId> forming_members;
    bool received_flag = false;
    std::vector<NodeId> delivers;
    std::uint64_t high_delivered = 0;
    std::vector<NodeId> transitional;
  };
  // Per old ring: who comes from it, and what the commit token says of them.
  struct Group {
    std::vector<NodeId> nodes;
    std::uint64_t low_aru = ~std::uint64_t{0};
    std::uint64_t high_delivered = 0;
    bool is_bound = false;
  };
  struct Plan {
    std::vector<RingId> table;
    std::vector<std::uint16_t> old_of;
    std::vector<Group> groups;
  };

  RingId next_id(NodeId representative) { return {representative, 0x100 + ++rings_, 4ull * rings_}; }

  RingSummary freeze(Node& node, std::uint32_t handle) {
    cluster_.command(node, command::freeze(handle));
    return summary_of(node.last(EventType::kSummary));
  }

  void gather(std::size_t index) {
    Node& node = *cluster_.nodes[index];
    State& state = states_[index];
    if (state.forming != 0) {
      // Received everything once, bound to it for good (the obligation rule).
      if (freeze(node, state.forming).received_flag) state.received_flag = true;
      cluster_.command(node, command::destroy(state.forming));
      state.forming = 0;
    }
    state.summary = freeze(node, state.ring);
  }

  // Somebody may have installed in the attempt of a node that received everything,
  // if all of that attempt who are here did (A4).
  bool is_bound(std::size_t index, const std::vector<std::size_t>& indexes) const {
    const State& state = states_[index];
    return state.received_flag && std::all_of(indexes.begin(), indexes.end(), [&](std::size_t i) {
             const NodeId node = cluster_.nodes[i]->config.self.node;
             const bool was_in_attempt =
                 std::find(state.delivers.begin(), state.delivers.end(), node) != state.delivers.end();
             return states_[i].id != state.id || !was_in_attempt || states_[i].received_flag;
           });
  }

  std::vector<std::size_t> take_those_bound_otherwise(std::vector<std::size_t>& indexes) const {
    std::vector<std::size_t> stay;
    std::vector<std::size_t> others;
    for (const std::size_t i : indexes) {
      const auto bound = std::find_if(indexes.begin(), indexes.end(), [&](std::size_t other) {
        return states_[other].id == states_[i].id && is_bound(other, indexes);
      });
      const bool goes_along =
          bound == indexes.end() || (states_[i].received_flag && states_[i].delivers == states_[*bound].delivers);
      (goes_along ? stay : others).push_back(i);
    }
    indexes = stay;
    return others;
  }

  void begin(const std::vector<std::size_t>& indexes) {
    const RingId id = next_id(cluster_.nodes[indexes[0]]->config.self.node);
    std::vector<Identity> members;
    for (const std::size_t i : indexes) members.push_back(cluster_.nodes[i]->config.self);
    const Plan plan = commit(indexes);
    for (const std::size_t i : indexes) begin(i, id, members, plan);
    cluster_.introduce();
    cluster_.command(*cluster_.nodes[indexes[0]], command::token_start(states_[indexes[0]].forming));
  }

  Plan commit(const std::vector<std::size_t>& indexes) {
    Plan plan;
    for (const std::size_t i : indexes) {
      const State& state = states_[i];
      auto at = std::find(plan.table.begin(), plan.table.end(), state.id);
      if (at == plan.table.end()) {
        plan.table.push_back(state.id);
        plan.groups.emplace_back();
        at = plan.table.end() - 1;
      }
      const auto index = static_cast<std::uint16_t>(at - plan.table.begin());
      plan.old_of.push_back(index);
      Group& group = plan.groups[index];
      group.nodes.push_back(cluster_.nodes[i]->config.self.node);
      group.low_aru = std::min(group.low_aru, state.summary.aru);
      group.high_delivered = std::max(group.high_delivered, state.summary.high_delivered);
      group.is_bound |= is_bound(i, indexes);
    }
    return plan;
  }

  void begin(std::size_t index, const RingId& id, const std::vector<Identity>& members, const Plan& plan) {
    Node& node = *cluster_.nodes[index];
    State& state = states_[index];
    const auto mine = std::find(plan.table.begin(), plan.table.end(), state.id) - plan.table.begin();
    const Group& group = plan.groups[static_cast<std::size_t>(mine)];
    state.transitional = group.nodes;
    if (!group.is_bound) {
      state.received_flag = false;
      state.delivers = group.nodes;
      state.high_delivered = group.high_delivered;
    }
    state.forming = ++handles_;
    state.forming_id = id;
    state.forming_members.clear();
    for (const Identity& member : members) state.forming_members.push_back(member.node);
    cluster_.command(node, command::seal(state.ring));
    cluster_.command(node, command::create_ring(state.forming, cluster_.window, cluster_.accelerated, id, members));
    cluster_.command(node, command::recovery_begin(state.forming, state.ring, group.low_aru, !group.is_bound,
                                                   plan.old_of, plan.table));
  }

  void recovered(Node& node, std::uint32_t handle) {
    State& state = states_[node.config.self.node - 1];
    if (!installs || handle != state.forming) return;
    cluster_.command(
        node, command::install(state.forming, state.ring, state.high_delivered, state.delivers, state.transitional));
    state.ring = state.forming;
    state.id = state.forming_id;
    state.members = state.forming_members;
    state.forming = 0;
    state.received_flag = false;
  }

  Cluster& cluster_;
  std::vector<State> states_;
  std::uint32_t handles_ = 0;
  std::uint32_t rings_ = 0;
};

}  // namespace openais::test
