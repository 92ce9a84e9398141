// The functions the kernel's mm and resource sources take from arch/, sched/ and lib/ on the real machine.
#include "fake_machine.h"

#include <asm/barrier.h>
#include <asm/page.h>
#include <linux/kernel.h>
#include <linux/mm_types.h>
#include <linux/preempt.h>
#include <linux/proc_fs.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdarg>
#include <sstream>

#include "format.h"
#include "kernel/command_line.h"

extern "C" {
unsigned long fake_page_offset;
unsigned long memory_start;
void* high_memory;
unsigned long fake_irqs_on = 1;
task_struct fake_task;
mm_struct init_mm;
unsigned long bug_count;
unsigned fake_read_fences;
unsigned fake_write_fences;
}

namespace memio {

FakeMachine* FakeMachine::current_machine;

FakeMachine::FakeMachine(unsigned long low_bytes, unsigned long high_bytes)
    : low_bytes_(low_bytes), high_bytes_(high_bytes) {
  file_ = memfd_create("arena", 0);
  if (file_ < 0 || ftruncate(file_, static_cast<off_t>(low_bytes + high_bytes)) != 0) {
    throw std::runtime_error("no file for the arena");
  }
  void* arena =
      mmap(nullptr, low_bytes + high_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file_, 0);
  if (arena == MAP_FAILED) throw std::runtime_error("no memory for the arena");
  fake_page_offset = reinterpret_cast<unsigned long>(arena);
  memory_start = kMemoryStart;
  high_memory = static_cast<char*>(arena) + low_bytes;
  kernel_layout = {};
  kernel_layout.task_size = 1ul << 38;
  fake_irqs_on = 1;
  fake_task = {};
  bug_count = 0;
  current_machine = this;
}

FakeMachine::~FakeMachine() {
  munmap(reinterpret_cast<void*>(fake_page_offset), low_bytes_ + high_bytes_);
  close(file_);
  current_machine = nullptr;
}

void* FakeMachine::map_again(phys_addr_t address, void* at) const {
  return mmap(at, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file_,
              static_cast<off_t>(address - kMemoryStart));
}

unsigned char* FakeMachine::memory(phys_addr_t address) const {
  return reinterpret_cast<unsigned char*>(fake_page_offset + (address - kMemoryStart));
}

namespace {

std::string text_of(const char* format, va_list arguments) {
  char text[256];
  return {text, format_text(text, sizeof text, format, arguments)};
}

void sleep_now() {
  FakeMachine& machine = *FakeMachine::current_machine;
  machine.sleeps++;
  if (machine.on_sleep) machine.on_sleep();
  fake_task.state = TASK_RUNNING;
}

}  // namespace

std::string proc_text(const char* name) {
  const proc_dir_entry* entry = proc_find(name);
  if (entry == nullptr) throw std::runtime_error(std::string("no /proc/") + name);
  std::string text;
  seq_file file{};
  file.private_data = &text;
  file.write = [](seq_file* to, const char* piece, size_t length) {
    static_cast<std::string*>(to->private_data)->append(piece, length);
  };
  entry->show(&file, entry->data);
  return text;
}

bool command_line_value(const char* name, char* value, size_t size) {
  if (FakeMachine::current_machine == nullptr) return false;
  std::istringstream words(FakeMachine::current_machine->command_line);
  for (std::string word; words >> word;) {
    const size_t name_end = word.find('=');
    if (word.substr(0, name_end) != name) continue;
    scnprintf(value, size, "%s", name_end == std::string::npos ? "" : word.c_str() + name_end + 1);
    return true;
  }
  return false;
}

bool command_line_has(const char* name) {
  char value[2];
  return command_line_value(name, value, sizeof value);
}

extern "C" int printk(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const std::string text = text_of(format, arguments);
  va_end(arguments);
  if (FakeMachine::current_machine != nullptr) FakeMachine::current_machine->log += text;
  return static_cast<int>(text.size());
}

extern "C" int scnprintf(char* out, size_t size, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const size_t length = format_text(out, size, format, arguments);
  va_end(arguments);
  return static_cast<int>(length);
}

extern "C" void panic(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const std::string text = text_of(format, arguments);
  va_end(arguments);
  throw KernelPanic(text);
}

extern "C" void report_bug(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const std::string text = text_of(format, arguments);
  va_end(arguments);
  bug_count++;
  FakeMachine::current_machine->bugs.push_back(text);
}

extern "C" void dump_stack() {}

extern "C" char* symbol_text(unsigned long address, char* text, size_t size) {
  scnprintf(text, size, "0x%lx", address);
  return text;
}

extern "C" void might_sleep() {
  if (in_atomic()) report_bug("sleeping function called from invalid context");
}

extern "C" void spin_lock_failed(spinlock_t*) { panic("spinlock taken twice"); }
extern "C" void spin_unlock_failed(spinlock_t*) { panic("spinlock not held"); }
extern "C" void preempt_schedule() {}
extern "C" void local_bh_enable() { preempt_count_sub(SOFTIRQ_OFFSET); }
extern "C" void cond_resched() {}
extern "C" void set_current_state(int state) { fake_task.state = static_cast<u8>(state); }
extern "C" void schedule() { sleep_now(); }
extern "C" long schedule_timeout(long ticks) {
  sleep_now();
  return ticks == MAX_SCHEDULE_TIMEOUT ? ticks : 0;
}
extern "C" bool wake_up_process(task_struct*) { return true; }
extern "C" void init_waitqueue_head(wait_queue_head_t* queue) {
  queue->lock = SPIN_LOCK_UNLOCKED;
  INIT_LIST_HEAD(&queue->task_list);
}
extern "C" void prepare_to_wait(wait_queue_head_t*, wait_queue_entry_t*, int) {}
extern "C" void finish_wait(wait_queue_head_t*, wait_queue_entry_t*) {}
extern "C" void wake_up(wait_queue_head_t*) {}

}  // namespace memio
