package io.tallymq.broker.settings;

/** A length of time as streams' arguments have it: a number and a unit, such as 7D. */
public final class Age {
    /** Years, months, days, hours, minutes, seconds. */
    static final String UNITS = "YMDhms";

    private static final long[] SECONDS = {31_536_000, 2_592_000, 86_400, 3_600, 60, 1};
    /** Digits of a number that is not refused for its length. */
    private static final int MOST_DIGITS = 9;

    /** In place of what is longer: a time of the log can be added. */
    private static final long MOST = Long.MAX_VALUE / 2;

    private Age() {}

    /** In milliseconds; -1 for what is none. */
    public static long millis(String text) {
        int last = text.length() - 1;
        int unit = last < 1 || last > MOST_DIGITS ? -1 : UNITS.indexOf(text.charAt(last));
        for (int i = 0; i < last && unit >= 0; i++) {
            unit = text.charAt(i) >= '0' && text.charAt(i) <= '9' ? unit : -1;
        }
        return unit < 0 ? -1 : millis(Long.parseLong(text.substring(0, last)), SECONDS[unit] * 1_000);
    }

    private static long millis(long number, long unit) {
        return number > MOST / unit ? MOST : number * unit;
    }
}
