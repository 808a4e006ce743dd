//! The entries of a store without their values, at numbered places, and the lists that chain them.

/// No place at all: the end of a list.
pub(super) const NONE: u32 = u32::MAX;

/// What is known of one entry. 32 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) key: u64,
    /// Bytes.
    pub(super) size: u64,
    /// The neighbour that came before, towards the front.
    pub(super) prev: u32,
    /// The neighbour towards the back; of a free place, the next free one.
    pub(super) next: u32,
    /// What the policy notes of the entry.
    pub(super) mark: u32,
    /// How often it has been used, where the policy counts.
    pub(super) uses: u32,
}

/// Places for entries, used again, and what those that are taken weigh.
#[derive(Clone, Debug)]
pub(super) struct Nodes {
    nodes: Vec<Node>,
    free: u32,
    len: usize,
    /// Bytes of all entries.
    bytes: u64,
    /// The most that all may weigh.
    limit: u64,
    /// Whether an entry weighs one, and not its bytes.
    counted: bool,
}

impl Nodes {
    pub(super) fn new(limit: u64, counted: bool) -> Nodes {
        Nodes { nodes: Vec::new(), free: NONE, len: 0, bytes: 0, limit, counted }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    pub(super) fn counted(&self) -> bool {
        self.counted
    }

    /// Of an entry of this many bytes.
    pub(super) fn weight(&self, size: u64) -> u64 {
        if self.counted { 1 } else { size }
    }

    /// Whether so much more can be taken in.
    pub(super) fn fits(&self, weight: u64) -> bool {
        let present = if self.counted { self.len as u64 } else { self.bytes };
        self.limit - present >= weight
    }

    /// Takes a place.
    pub(super) fn take(&mut self, key: u64, size: u64) -> u32 {
        let node = Node { key, size, prev: NONE, next: NONE, mark: 0, uses: 0 };
        self.len += 1;
        self.bytes += size;
        let place = self.free;
        if place == NONE {
            self.nodes.push(node);
            return u32::try_from(self.nodes.len() - 1).expect("fewer than 2^32 entries");
        }
        self.free = self[place].next;
        self[place] = node;
        place
    }

    /// Frees a place that no list holds any more.
    pub(super) fn release(&mut self, place: u32) {
        self.len -= 1;
        self.bytes -= self[place].size;
        self[place].next = self.free;
        self.free = place;
    }

    pub(super) fn clear(&mut self) {
        self.nodes.clear();
        (self.free, self.len, self.bytes) = (NONE, 0, 0);
    }
}

impl std::ops::Index<u32> for Nodes {
    type Output = Node;
    fn index(&self, place: u32) -> &Node {
        &self.nodes[place as usize]
    }
}

impl std::ops::IndexMut<u32> for Nodes {
    fn index_mut(&mut self, place: u32) -> &mut Node {
        &mut self.nodes[place as usize]
    }
}

/// Entries in an order, such as that of their last use: the latest at the front.
#[derive(Clone, Debug)]
pub(super) struct List {
    front: u32,
    back: u32,
    /// What all in it weigh.
    weight: u64,
}

impl List {
    pub(super) const EMPTY: List = List { front: NONE, back: NONE, weight: 0 };

    /// The last in the order; [`NONE`] of an empty list.
    pub(super) fn back(&self) -> u32 {
        self.back
    }

    pub(super) fn weight(&self) -> u64 {
        self.weight
    }

    pub(super) fn push_front(&mut self, nodes: &mut Nodes, place: u32) {
        let second = std::mem::replace(&mut self.front, place);
        (nodes[place].prev, nodes[place].next) = (NONE, second);
        match second {
            NONE => self.back = place,
            second => nodes[second].prev = place,
        }
        self.weight += nodes.weight(nodes[place].size);
    }

    pub(super) fn unlink(&mut self, nodes: &mut Nodes, place: u32) {
        let (prev, next) = (nodes[place].prev, nodes[place].next);
        match prev {
            NONE => self.front = next,
            prev => nodes[prev].next = next,
        }
        match next {
            NONE => self.back = prev,
            next => nodes[next].prev = prev,
        }
        self.weight -= nodes.weight(nodes[place].size);
    }

    pub(super) fn bring_to_front(&mut self, nodes: &mut Nodes, place: u32) {
        if self.front != place {
            self.unlink(nodes, place);
            self.push_front(nodes, place);
        }
    }
}
