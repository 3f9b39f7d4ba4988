/*
 * Arguments of raw tracepoints: those of the kernel's own call. FIRST_event (-D) is where those that the probe has declared
 * begin, which the agent looked up in BTF. Programs at raw tracepoints are passed over by nothing but themselves, which is
 * counted; the events that perf makes of tracepoints are dropped when one comes while another is made, and nobody counts.
 */
#ifndef WEBPROF_ARGUMENTS_H
#define WEBPROF_ARGUMENTS_H

#define ARGUMENT(event, number) (ctx->args[FIRST_##event + (number)])

#endif
