namespace LoraPS.Reliability.Fuzzing;

/// <summary>What a process of fuzzing found.</summary>
/// <param name="Read">Inputs that were read.</param>
/// <param name="Refused">Inputs that were refused.</param>
/// <param name="LongestMilliseconds">The longest an input took.</param>
/// <param name="MostMemory">The most an input allocated, bytes.</param>
/// <param name="NetworkUses">How often the network was used.</param>
/// <param name="WorkingSet">The process at its end, bytes.</param>
/// <param name="Failures">Promises that were broken.</param>
internal sealed record FuzzResult(
    int Read, int Refused, double LongestMilliseconds, long MostMemory, int NetworkUses, long WorkingSet, IReadOnlyList<string> Failures);
