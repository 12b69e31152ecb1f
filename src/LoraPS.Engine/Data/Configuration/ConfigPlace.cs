namespace LoraPS.Engine.Data.Configuration;

/// <summary>A place in a configuration file.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">Characters from 1.</param>
internal readonly record struct ConfigPlace(int Line, int Column);
