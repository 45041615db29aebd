package io.tallymq.amqp;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The rows of {@code docs/compatibility.md} that a test makes come true, as a client sees them: it would fail if one of them did
 * something else. Naming a row on the way does not count. {@code RowsTest} knows the rows, and fails for one that no test has.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Row {
    /** What they are and how they are named: {@code basic.ack}, {@code 404}, {@code queue x-max-length}, {@code header CC}. */
    String[] value();
}
