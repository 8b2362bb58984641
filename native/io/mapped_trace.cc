#include "io/mapped_trace.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "io/file_descriptor.hpp"

namespace openais {

std::unique_ptr<MappedTrace> MappedTrace::create(const std::string& path, std::size_t bytes, std::string& error) {
  bytes -= bytes % sizeof(TraceRecord);
  if (bytes < sizeof(Header) + sizeof(TraceRecord)) {
    error = "a trace needs room for at least one record";
    return nullptr;
  }
  // Another process may still have an older trace mapped: its file is left to it.
  ::unlink(path.c_str());
  const FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open() || ::ftruncate(file.get(), static_cast<off_t>(bytes)) != 0) {
    error = "cannot create the trace " + path + ": " + std::strerror(errno);
    return nullptr;
  }
  void* mapping = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (mapping == MAP_FAILED) {
    error = "cannot map the trace " + path + ": " + std::strerror(errno);
    return nullptr;
  }
  return std::unique_ptr<MappedTrace>(new MappedTrace(mapping, bytes));
}

MappedTrace::MappedTrace(void* mapping, std::size_t bytes)
    : header_(new (mapping) Header{{}, bytes / sizeof(TraceRecord) - 1, {0}, {0}, {}}),
      records_(reinterpret_cast<TraceRecord*>(mapping) + 1),
      bytes_(bytes) {
  std::memcpy(header_->magic, "OAISTRC1", sizeof header_->magic);
}

MappedTrace::~MappedTrace() {
  ::munmap(header_, bytes_);
}

void MappedTrace::record(const TraceRecord& record) {
  const std::uint64_t at = header_->committed.load(std::memory_order_relaxed);
  if (at == header_->capacity) {
    header_->lost.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  std::memcpy(records_ + at, &record, sizeof record);
  header_->committed.store(at + 1, std::memory_order_release);
}

}  // namespace openais
