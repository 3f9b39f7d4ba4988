"""Figures of charts for Plotly, as plain dictionaries: traces without their data, and layouts."""
