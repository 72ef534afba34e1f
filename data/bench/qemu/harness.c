/* Runs a model on an emulated Cortex-M board and says on its serial port how many ticks of a timer each
 * inference took, what came out, and how deep its stack went.
 *
 * What belongs to one board comes as a macro: TIMER_BASE is a CMSDK timer, which counts down at a fixed rate
 * of the emulator's virtual time; UART_BASE is a CMSDK UART. What belongs to one model comes with bakenn's
 * header. INPUTS and SEED say how many pseudo-random inputs are given.
 */
#include <stdint.h>

#include "bknn_model.h"

#define WORD(address) (*(volatile uint32_t *)(address))
#define TIMER_CONTROL WORD(TIMER_BASE + 0x0u)
#define TIMER_VALUE WORD(TIMER_BASE + 0x4u)
#define TIMER_RELOAD WORD(TIMER_BASE + 0x8u)
#define TIMER_WRAPPED WORD(TIMER_BASE + 0xcu)
#define UART_DATA WORD(UART_BASE + 0x0u)
#define UART_STATE WORD(UART_BASE + 0x4u)
#define UART_CONTROL WORD(UART_BASE + 0x8u)
#define UART_DIVISOR WORD(UART_BASE + 0x10u)
#define COPROCESSORS WORD(0xe000ed88u)
#define RESET_REQUEST WORD(0xe000ed0cu)

#define PAINT 0xa5a5a5a5u

typedef void (*inference)(uint8_t *, const int8_t *, int8_t *);

extern uint32_t stack_limit[], stack_top[];
extern uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[];

void known_loop(uint8_t *arena, const int8_t *input, int8_t *output);
void nothing(uint8_t *arena, const int8_t *input, int8_t *output);

/* A loop of 200003 instructions and a function of one, to read the timer by. */
__asm(".syntax unified\n.thumb\n.section .text.known_loop,\"ax\",%progbits\n.balign 16\n"
      ".global known_loop\n.thumb_func\nknown_loop:\n"
      "movw r3, #0x86a0\nmovt r3, #1\n1: subs r3, r3, #1\nbne 1b\nbx lr\n"
      ".global nothing\n.thumb_func\nnothing:\nbx lr\n.text\n");

#if BKNN_MODEL_ARENA_SIZE > 0
_Alignas(BKNN_MODEL_ARENA_ALIGNMENT) static uint8_t arena_bytes[BKNN_MODEL_ARENA_SIZE];
static uint8_t *const arena = arena_bytes;
#else
static uint8_t *const arena = 0;
#endif
_Alignas(16) static int8_t input[BKNN_MODEL_INPUT_BYTES];
_Alignas(16) static int8_t output[BKNN_MODEL_OUTPUT_BYTES];
static uint32_t deepest;

static void put(char letter)
{
    while (UART_STATE & 1u) {
    }
    UART_DATA = (uint32_t)letter;
}

static void say(const char *text)
{
    while (*text) {
        put(*text++);
    }
}

static void digits(uint32_t value, int count)
{
    while (count-- > 0) {
        put("0123456789abcdef"[(value >> (4 * count)) & 15u]);
    }
}

static void number(const char *name, uint32_t value)
{
    say(name);
    put(' ');
    digits(value, 8);
    put('\n');
}

/* The emulator is started so that it ends where a board would start anew. */
_Noreturn static void finish(const char *word)
{
    say(word);
    put('\n');
    while (UART_STATE & 1u) {
    }
    RESET_REQUEST = 0x05fa0004u;
    for (;;) {
    }
}

/* Ticks of one call; the words of the stack that it changed go into `deepest`, in bytes. */
__attribute__((noinline)) static uint32_t ticks_of(inference call)
{
    uint32_t *here;
    __asm volatile("mov %0, sp" : "=r"(here));
    for (volatile uint32_t *word = stack_limit; word < here; word++) {
        *word = PAINT;
    }
    uint32_t before = TIMER_VALUE;
    call(arena, input, output);
    uint32_t after = TIMER_VALUE;
    volatile uint32_t *word = stack_limit;
    while (word < here && *word == PAINT) {
        word++;
    }
    /* A changed last word says that the stack ran over: as deep as all of it. */
    deepest = (uint32_t)(word == stack_limit ? stack_top : here) - (uint32_t)word;
    return before - after;
}

/* The next input: the upper bytes of a 32-bit xorshift (13, 17, 5; Marsaglia 2003). */
static void fill(uint32_t *state)
{
    for (uint32_t i = 0; i < BKNN_MODEL_INPUT_BYTES; i++) {
        *state ^= *state << 13;
        *state ^= *state >> 17;
        *state ^= *state << 5;
        input[i] = (int8_t)(*state >> 24);
    }
}

static void run(void)
{
    uint32_t state = SEED;
    UART_DIVISOR = 16u;
    UART_CONTROL = 1u;
    TIMER_RELOAD = 0xffffffffu;
    number("stack", (uint32_t)stack_top - (uint32_t)stack_limit);
    for (uint32_t i = 0; i < INPUTS; i++) {
        fill(&state);
        TIMER_VALUE = 0xffffffffu;
        TIMER_WRAPPED = 1u;
        TIMER_CONTROL = 9u;
        uint32_t loop = ticks_of(known_loop), empty = ticks_of(nothing), ticks = ticks_of(bknn_model_infer);
        number("loop", loop);
        number("empty", empty);
        number("ticks", ticks);
        number("depth", deepest);
        number("wrapped", TIMER_WRAPPED);
        say("output ");
        for (uint32_t k = 0; k < BKNN_MODEL_OUTPUT_BYTES; k++) {
            digits((uint8_t)output[k], 2);
        }
        put('\n');
    }
    finish("done");
}

void start(void)
{
#ifdef HAS_FPU
    COPROCESSORS = 0x00f00000u;
    __asm volatile("dsb\nisb");
#endif
    uint32_t *from = data_load;
    for (uint32_t *to = data_start; to < data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = bss_start; to < bss_end;) {
        *to++ = 0;
    }
    run();
}

static void fault(void)
{
    finish("fault");
}

__attribute__((used, section(".vectors"))) static void *const vectors[16] = {
    stack_top, (void *)start, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
    (void *)fault,
};
