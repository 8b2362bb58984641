// The kept inputs of the fuzz targets, as tests: what was found once is found again, with any compiler.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "fuzz/cluster_target.hpp"
#include "fuzz/commands_target.hpp"
#include "fuzz/packet_target.hpp"

namespace openais::fuzz {
namespace {

// Runs all kept inputs of a target. A finding ends the process: its name stands in front of it.
template <typename Target>
void run_corpus(const char* name, Target target) {
  const std::filesystem::path folder = std::filesystem::path(__FILE__).parent_path() / "../../fuzz/corpus" / name;
  std::size_t inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CAPTURE(entry.path().filename().string());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    target(Bytes(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
    ++inputs;
  }
  CHECK(inputs > 0);
}

void run_packets(const char* name, PacketType type) {
  run_corpus(name, [type](Bytes input) { fuzz_packets(type, input); });
}

}  // namespace

TEST_CASE("kept inputs of every packet type are taken or dropped") {
  run_packets("token", PacketType::kToken);
  run_packets("data", PacketType::kData);
  run_packets("merge_detect", PacketType::kMergeDetect);
  run_packets("join", PacketType::kJoin);
  run_packets("commit_token", PacketType::kCommitToken);
  run_packets("hold_cancel", PacketType::kHoldCancel);
  run_packets("probe", PacketType::kProbe);
  run_packets("pong", PacketType::kPong);
  run_packets("leave", PacketType::kLeave);
}

TEST_CASE("kept sequences of commands are carried out or refused") {
  run_corpus("commands", fuzz_commands);
}

TEST_CASE("kept histories of a cluster hold what extended virtual synchrony promises") {
  run_corpus("cluster", fuzz_cluster);
}

}  // namespace openais::fuzz
