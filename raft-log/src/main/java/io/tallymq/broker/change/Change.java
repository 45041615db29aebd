package io.tallymq.broker.change;

import io.tallymq.broker.message.ByteWriter;

/** A change of who there is and of who may do what. A new one is a record with its codec, a row of {@link ChangeKind} and a line where it is carried out. */
public sealed interface Change
        permits FirstUser,
                SetVhost,
                AlterVhost,
                DeleteVhost,
                SetUser,
                DeleteUser,
                Rehash,
                SetPermission,
                ClearPermission,
                SetTopicPermission,
                ClearTopicPermission,
                SetLimit,
                ClearLimit,
                SetLimits,
                SetGlobalParameter,
                ClearGlobalParameter {
    ChangeKind kind();

    /** Appends the fields, without the kind. */
    void write(ByteWriter w);

    /** What it is about, for people and without a secret: names, one space between them. */
    String subject();
}
