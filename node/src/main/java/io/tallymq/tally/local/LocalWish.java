package io.tallymq.tally.local;

import io.tallymq.tally.context.Failure;

/** What somebody asks for; null for what he leaves open. */
record LocalWish(Integer nodes, Integer amqpPort, Integer httpPort, Integer only) {
    private static final int MOST_DIGITS = 5;

    /**
     * Of an option.
     *
     * @param value null if it was not given
     * @throws Failure if it is no number in that range
     */
    static Integer number(String option, String value, int least, int most) {
        if (value == null) {
            return null;
        }
        if (value.isEmpty()) {
            throw Failure.usage(option + " needs a value; see --help");
        }
        if (value.length() > MOST_DIGITS || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw Failure.usage(option + " is '" + value + "': it has to be a number, " + least + " to " + most);
        }
        int number = Integer.parseInt(value);
        if (number < least || number > most) {
            throw Failure.usage(option + " is '" + value + "': it has to be " + least + " to " + most);
        }
        return number;
    }
}
