/* BEGIN { exit(); }: one program, loaded and run once. */
#include "common.h"

SEC("raw_tp")
int begin(struct raw_args *ctx)
{
	return 0;
}
