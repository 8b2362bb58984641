#include "io/mapped_trace.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

using namespace openais;

namespace {

struct TraceFile {
  std::string path = std::filesystem::temp_directory_path() / ("openais-trace-" + std::to_string(getpid()));
  ~TraceFile() { std::filesystem::remove(path); }

  std::vector<std::uint64_t> words() const {
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::vector<std::uint64_t> words(bytes.size() / 8);
    std::memcpy(words.data(), bytes.data(), words.size() * 8);
    return words;
  }
};

constexpr std::size_t kCapacity = 1, kCommitted = 2, kLost = 3;
// Of record i: its `seq`, 32 bytes into it.
std::size_t seq_word(std::size_t i) {
  return 8 * (i + 1) + 4;
}

TraceRecord numbered(std::uint64_t seq) {
  TraceRecord record;
  record.kind = TraceRecord::kDeliver;
  record.seq = seq;
  return record;
}

}  // namespace

TEST_CASE("records lie in the file in their order, and what no longer fits is counted") {
  TraceFile file;
  std::string error;
  auto trace = MappedTrace::create(file.path, 64 * 4 + 10, error);
  REQUIRE_MESSAGE(trace != nullptr, error);
  for (std::uint64_t seq = 1; seq <= 5; ++seq) trace->record(numbered(seq));
  const auto words = file.words();
  REQUIRE(words.size() == 8 * 4);
  CHECK(std::memcmp(words.data(), "OAISTRC1", 8) == 0);
  CHECK(words[kCapacity] == 3);
  CHECK(words[kCommitted] == 3);
  CHECK(words[kLost] == 2);
  for (std::size_t i = 0; i < 3; ++i) CHECK(words[seq_word(i)] == i + 1);
}

TEST_CASE("a process that is killed leaves every record that it made") {
  TraceFile file;
  const pid_t child = fork();
  if (child == 0) {
    std::string error;
    auto trace = MappedTrace::create(file.path, 1 << 16, error);
    for (std::uint64_t seq = 1; seq <= 100; ++seq) trace->record(numbered(seq));
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  const auto words = file.words();
  CHECK(words[kCommitted] == 100);
  CHECK(words[seq_word(99)] == 100);
}

TEST_CASE("an older trace of that name is replaced, and a writer that still has it keeps its own") {
  TraceFile file;
  std::string error;
  auto older = MappedTrace::create(file.path, 1024, error);
  auto newer = MappedTrace::create(file.path, 1024, error);
  REQUIRE(older != nullptr);
  REQUIRE(newer != nullptr);
  older->record(numbered(7));
  CHECK(file.words()[kCommitted] == 0);
}

TEST_CASE("a trace that cannot be made says why") {
  std::string error;
  CHECK(MappedTrace::create("/nonexistent/trace", 1024, error) == nullptr);
  CHECK(error.find("/nonexistent/trace") != std::string::npos);
  CHECK(MappedTrace::create("unused", 100, error) == nullptr);
  CHECK(error.find("one record") != std::string::npos);
}
