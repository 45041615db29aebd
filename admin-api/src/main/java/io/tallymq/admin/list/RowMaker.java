package io.tallymq.admin.list;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/** Makes the rows of a list. */
@FunctionalInterface
public interface RowMaker<T> {
    ObjectNode row(T item);

    /**
     * A row in which these fields are as they are in the whole one; of the others some may be missing. A list of many is sorted by what takes
     * little.
     *
     * @param fields of the row itself, not of what is in it
     */
    default ObjectNode part(T item, Set<String> fields) {
        return row(item);
    }
}
