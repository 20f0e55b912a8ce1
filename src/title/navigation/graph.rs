//! What leads where, and whether it must: a graph of states in which either nobody decides, or the viewer does.

use std::collections::HashSet;

/// A state, by its index.
pub(super) type NodeId = u32;

/// A state and what follows it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Node {
    /// What may follow by itself. Where it is more than one, nobody knows which: a value that is unknown decides.
    pub(super) next: Vec<NodeId>,
    /// What the viewer may choose.
    pub(super) choices: Vec<NodeId>,
}

/// All states.
#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: Vec<Node>,
}

/// The states that lead to others, for each state: by itself, by choice.
pub(super) struct Backward<'a> {
    nodes: &'a [Node],
    by_itself: Vec<Vec<NodeId>>,
    by_choice: Vec<Vec<NodeId>>,
    /// Edges that may still be walked.
    left: u64,
}

impl Graph {
    /// A new state.
    pub(super) fn add(&mut self) -> NodeId {
        self.nodes.push(Node::default());
        NodeId::try_from(self.nodes.len() - 1).unwrap_or(NodeId::MAX)
    }

    /// What follows a state.
    pub(super) fn set(&mut self, id: NodeId, mut node: Node) {
        node.next.sort_unstable();
        node.next.dedup();
        node.choices.sort_unstable();
        node.choices.dedup();
        if let Some(place) = self.nodes.get_mut(id as usize) {
            *place = node;
        }
    }

    /// All states that `start` leads to without a choice, `start` first.
    pub(super) fn by_itself(&self, start: NodeId) -> Vec<NodeId> {
        let mut found = vec![start];
        let mut seen = HashSet::from([start]);
        let mut at = 0;
        while let Some(node) = found.get(at).and_then(|id| self.nodes.get(*id as usize)) {
            found.extend(node.next.iter().filter(|id| seen.insert(**id)));
            at += 1;
        }
        found
    }

    /// The graph read backwards, for walks of at most `left` edges together.
    pub(super) fn backward(&self, left: u64) -> Backward<'_> {
        let turned = |edges: fn(&Node) -> &Vec<NodeId>| {
            let mut lists = vec![Vec::new(); self.nodes.len()];
            for (id, node) in (0..).zip(&self.nodes) {
                for to in edges(node) {
                    if let Some(list) = lists.get_mut(*to as usize) {
                        list.push(id);
                    }
                }
            }
            lists
        };
        Backward { nodes: &self.nodes, by_itself: turned(|n| &n.next), by_choice: turned(|n| &n.choices), left }
    }
}

impl Backward<'_> {
    /// The states that are sure to lead to one of `targets`, whatever unknown values are; with `choices`, when the
    /// viewer chooses so. `None` when too many edges were walked.
    pub(super) fn sure(&mut self, targets: &[NodeId], choices: bool) -> Option<HashSet<NodeId>> {
        let mut sure: HashSet<NodeId> = targets.iter().copied().collect();
        let mut open = targets.to_vec();
        // How many of a state's followers are sure.
        let mut certain = std::collections::HashMap::<NodeId, usize>::new();
        while let Some(id) = open.pop() {
            let before = self.by_itself.get(id as usize)?;
            let chosen = if choices { self.by_choice.get(id as usize)?.as_slice() } else { &[] };
            self.left = self.left.checked_sub((before.len() + chosen.len()) as u64)?;
            for from in before {
                let count = certain.entry(*from).or_default();
                *count += 1;
                let all = self.nodes.get(*from as usize)?.next.len();
                if *count == all && sure.insert(*from) {
                    open.push(*from);
                }
            }
            open.extend(chosen.iter().filter(|from| sure.insert(**from)));
        }
        Some(sure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(nodes: &[(&[NodeId], &[NodeId])]) -> Graph {
        let mut graph = Graph::default();
        for _ in nodes {
            graph.add();
        }
        for (id, (next, choices)) in (0..).zip(nodes) {
            graph.set(id, Node { next: next.to_vec(), choices: choices.to_vec() });
        }
        graph
    }

    fn sure(graph: &Graph, target: NodeId, choices: bool) -> Vec<NodeId> {
        let mut found: Vec<_> = graph.backward(1000).sure(&[target], choices).unwrap().into_iter().collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn what_both_ways_lead_to_is_sure() {
        // 0 parts; 1 and 2 meet again in 3; only 1 passes 4.
        let graph = graph(&[(&[1, 2], &[]), (&[4], &[]), (&[3], &[]), (&[], &[]), (&[3], &[])]);
        assert_eq!(sure(&graph, 3, false), [0, 1, 2, 3, 4]);
        assert_eq!(sure(&graph, 4, false), [1, 4]);
        assert_eq!(graph.by_itself(0), [0, 1, 2, 4, 3]);
    }

    #[test]
    fn a_choice_is_the_viewers() {
        let graph = graph(&[(&[], &[1, 2]), (&[], &[]), (&[1], &[])]);
        assert_eq!(sure(&graph, 1, true), [0, 1, 2]);
        assert_eq!(sure(&graph, 1, false), [1, 2]);
    }

    #[test]
    fn a_circle_leads_nowhere_and_walks_have_an_end() {
        let graph = graph(&[(&[0, 1], &[]), (&[], &[])]);
        assert_eq!(sure(&graph, 1, true), [1]);
        assert_eq!(graph.backward(0).sure(&[1], true), None);
    }
}
