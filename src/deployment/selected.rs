//! Which instances the words of a scenario select.

use std::collections::BTreeMap;

use crate::control::FaultDomain;
use crate::message::NodeId;
use crate::placement::{Area, Position, Selector};

use super::Deployment;

/// What the name in a selector stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Named {
    /// A component, by its number.
    Component(usize),
    /// A client, by its number.
    Client(usize),
    /// A place.
    Area(Area),
}

impl Deployment {
    /// What the name in a selector stands for, if there is such a thing.
    pub(crate) fn named(&self, selector: &Selector) -> Option<Named> {
        let name = selector.name.value.as_str();
        let component = self.topology.index(name).map(Named::Component);
        component
            .or_else(|| self.clients.index(name).map(Named::Client))
            .or_else(|| self.places.area(name, selector.index).map(Named::Area))
    }

    /// The numbers of those instances of a component that are where a selector says.
    pub(crate) fn instances_at(&self, component: usize, selector: &Selector) -> Vec<u64> {
        let positions = (0..).zip(self.positions(component));
        let there = positions.filter(|(_, position)| self.are_at(selector, *position));
        there.map(|(number, _)| number).collect()
    }

    /// What fails together of all that a selector may mean, before a share is taken of it; of a
    /// place all its components, and its clients only if `clients` says so.
    pub(crate) fn fault_domains(&self, selector: &Selector, clients: bool) -> Vec<FaultDomain> {
        match self.named(selector) {
            None => Vec::new(),
            Some(Named::Component(component)) => {
                let NodeId(first) = self.first_node(component);
                let numbers = self.instances_at(component, selector).into_iter();
                let meant = numbers.filter(|n| selector.index.is_none_or(|index| index == *n));
                meant.map(|number| alone(number, NodeId(first + number as u32))).collect()
            }
            Some(Named::Client(client)) => {
                let there = self.are_at(selector, self.position_of_client(client));
                let node = self.client_node(client);
                there.then(|| alone(0, node)).into_iter().collect()
            }
            Some(Named::Area(area)) => self.domains_of(area, selector, clients),
        }
    }

    /// Whether a selector means any instance of a component.
    pub(crate) fn concerns(&self, selector: &Selector, component: usize) -> bool {
        match self.named(selector) {
            Some(Named::Component(named)) => named == component,
            Some(Named::Area(area)) => {
                let mut positions = self.positions(component).into_iter();
                positions.any(|position| area.contains(position))
            }
            Some(Named::Client(_)) | None => false,
        }
    }

    /// Each of several machines fails by itself, and any other place as a whole.
    fn domains_of(&self, area: Area, selector: &Selector, clients: bool) -> Vec<FaultDomain> {
        let components = (0..self.topology.len()).flat_map(|component| self.positions(component));
        let several = matches!(area, Area::Machine(_, None));
        let mut domains: BTreeMap<u64, Vec<NodeId>> = BTreeMap::new();
        let of_clients = (0..self.clients.len()).filter(|_| clients);
        let of_clients = of_clients.map(|client| self.position_of_client(client));
        for (node, position) in (0..).zip(components.chain(of_clients)) {
            if area.contains(position) && self.are_at(selector, position) {
                let number = position.machine().filter(|_| several).unwrap_or(0);
                domains.entry(number).or_default().push(NodeId(node));
            }
        }
        domains.into_iter().map(|(number, nodes)| FaultDomain { number, nodes }).collect()
    }

    /// Whether this position is where a selector says.
    fn are_at(&self, selector: &Selector, position: Position) -> bool {
        let contains = |area: Area| area.contains(position);
        selector.at.as_ref().is_none_or(|at| self.places.find(&at.value).is_some_and(contains))
    }

    /// Where each instance of a component is.
    pub(crate) fn positions(&self, component: usize) -> Vec<Position> {
        self.places.deal(&self.topology.0[component].1.kind().placement())
    }

    /// Where a client is.
    pub(crate) fn position_of_client(&self, client: usize) -> Position {
        self.places.of_client(self.clients.0[client].1.place.as_ref())
    }

    /// The first instance of a component among the nodes of a run.
    pub(super) fn first_node(&self, component: usize) -> NodeId {
        let before = self.topology.iter().take(component);
        NodeId(before.map(|(_, spec)| spec.instances()).sum::<u64>() as u32)
    }

    /// The node of a client: clients come after all components.
    fn client_node(&self, client: usize) -> NodeId {
        let NodeId(first) = self.first_node(self.topology.len());
        NodeId(first + client as u32)
    }

    /// How many nodes a run has.
    pub(crate) fn nodes(&self) -> usize {
        self.client_node(self.clients.len()).0 as usize
    }
}

fn alone(number: u64, node: NodeId) -> FaultDomain {
    FaultDomain { number, nodes: vec![node] }
}
