namespace LoraPS.Engine.Data.Configuration;

/// <summary>A value of a configuration file, whatever its language.</summary>
/// <param name="Content">A bool, long, double or string; a <see cref="ConfigTable"/>; a list of values; null for everything else.</param>
/// <param name="Place">Where it stands.</param>
/// <param name="Text">How an error shows it.</param>
internal sealed record ConfigValue(object? Content, ConfigPlace Place, string Text);
