namespace LoraPS.Engine.Reports.Charts;

/// <summary>A point of a curve.</summary>
/// <param name="X">To the right.</param>
/// <param name="Y">Upwards.</param>
public readonly record struct CurvePoint(double X, double Y);
