namespace LoraPS.Engine.Data;

/// <summary>Something wrong with the options of a data set.</summary>
/// <param name="Option">The reference's name of the option.</param>
/// <param name="Message">What was found, what was expected, and what to do.</param>
internal sealed record DatasetProblem(string Option, string Message);
