using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Reports;

/// <summary>A file or folder cannot be reported on.</summary>
/// <param name="errorId">Stable id.</param>
/// <param name="message">What is wrong.</param>
/// <param name="path">The file or folder.</param>
public sealed class ReportSourceException(string errorId, string message, string path) : EngineException(errorId, message, path);
