namespace LoraPS.Engine.Inspection;

/// <summary>Something that is wrong with a LoRA file.</summary>
/// <param name="Kind">What.</param>
/// <param name="IsError">True when the file cannot be used as it is; false when it works, but perhaps not as meant.</param>
/// <param name="Where">The tensor or module, or null for the file as a whole.</param>
/// <param name="Message">What was expected and what was found.</param>
public sealed record LoraProblem(LoraProblemKind Kind, bool IsError, string? Where, string Message);
