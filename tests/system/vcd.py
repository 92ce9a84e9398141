"""Reads the waveforms of memio: what changes, when."""


def changes(path):
    """(picoseconds, variable, value) of each change in the file's order; an event's value is True."""
    names, scopes, time = {}, [], 0
    with open(path, encoding="ascii") as waveform:
        for line in waveform:
            word = line.split()
            if word[0] == "$scope":
                scopes.append(word[2])
            elif word[0] == "$upscope":
                scopes.pop()
            elif word[0] == "$var":
                names[word[3]] = (".".join([*scopes, word[4]]), word[1] == "event")
            elif line[0] == "#":
                time = int(line[1:])
            elif line[0] == "b":
                yield time, names[word[1]][0], None if "x" in word[0] else int(word[0][1:], 2)
            elif line[0] in "01x" and line[1:].strip() in names:
                name, is_event = names[line[1:].strip()]
                yield time, name, True if is_event else None if line[0] == "x" else int(line[0])


def first_rise(path, line):
    """When, in picoseconds, interrupt line `line` rises first."""
    for time, name, value in changes(path):
        if name == "irq." + line and value == 1:
            return time
    raise ValueError("%s never rises" % line)


def transactions(path, initiator):
    """A dictionary of variables for each transaction of `initiator`."""
    scope = "bus.%s." % initiator
    values, fresh = {}, False
    for time, name, value in changes(path):
        if not name.startswith(scope):
            continue
        name = name[len(scope):]
        if name == "begin":
            if fresh:
                yield dict(values)
            values["time"], fresh = time, True
        else:
            values[name] = value
    if fresh:
        yield dict(values)
