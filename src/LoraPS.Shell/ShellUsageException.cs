namespace LoraPS.Shell;

/// <summary>The command line cannot be understood, or names a script that is not there.</summary>
/// <param name="message">What is wrong with it.</param>
public sealed class ShellUsageException(string message) : Exception(message);
